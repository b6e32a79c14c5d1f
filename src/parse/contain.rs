//! Keeps a panic of foreign code from ending the program or writing over the screen: one bad message never
//! stops the next. Owns the panic hook of the parser; decides nothing about mail.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Puts a hook before the present panic hook that says nothing of panics which the parser catches. The first
/// message parsed does this by itself; a program that sets a hook of its own later calls it again afterwards,
/// so that its hook does not hear of them either.
pub fn hush_caught_panics() {
    let loud = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !QUIET.get() {
            loud(info);
        }
    }));
}

/// Runs foreign code; nothing where it panicked.
pub(super) fn quietly<T>(foreign: impl FnOnce() -> T) -> Option<T> {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(hush_caught_panics);
    let before = QUIET.replace(true);
    // What the closure leaves half done is dropped with it: nothing is shared.
    let outcome = panic::catch_unwind(AssertUnwindSafe(foreign));
    QUIET.set(before);
    outcome.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_and_the_next_call_goes_on() {
        assert_eq!(quietly(|| -> u8 { panic!("foreign code failed") }), None);
        assert_eq!(quietly(|| 7), Some(7));
        assert!(!QUIET.get());
    }
}
