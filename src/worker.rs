//! Job in, report out; owns the network threads.
