//! The daily session: the loop, the terminal, and the effects that `update` asks for.
