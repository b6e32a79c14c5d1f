//! The owner's boundary: when they work, and what they have decided on a calm day. It says what may be promised, and by
//! when. Pure: no clock, no file. It judges nobody and promises nothing by itself.

pub mod beliefs;
pub mod calendar;
pub mod hours;
pub mod measure;
pub mod moments;
pub mod policy;

pub use calendar::{Absence, Calendar, Closed, Reckoned};
pub use hours::Hours;
pub use measure::{Money, Share, WorkingTime};
pub use policy::Policy;
