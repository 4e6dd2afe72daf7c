//! Panics of a device in this process are findings, not the end of the run.
//!
//! A panic hook, installed once and passing on all that does not concern it, keeps the message and the place of a
//! panic while a device runs on this thread; nothing is printed then.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// `None`: no device runs on this thread. Empty: one runs. Otherwise: what its panic said.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a part of a device; `Err` with the panic's message and place if it panicked.
pub(super) fn guard<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(install);
    let before = PANIC.replace(Some(String::new()));
    // A device that panicked is not run again but after a reset, which makes its stack anew.
    let outcome = catch_unwind(AssertUnwindSafe(run));
    let said = PANIC.replace(before).unwrap_or_default();
    outcome.map_err(|payload| if said.is_empty() { message(payload.as_ref()) } else { said })
}

fn install() {
    let others = take_hook();
    set_hook(Box::new(move |info| {
        let kept = PANIC.with_borrow_mut(|panic| {
            panic.as_mut().map(|said| {
                if said.is_empty() {
                    *said = describe(info);
                }
            })
        });
        if kept.is_none() {
            others(info);
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = message(info.payload());
    match info.location() {
        Some(place) => format!("{message} ({}:{}:{})", place.file(), place.line(), place.column()),
        None => message,
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_message_and_place() {
        let said = guard(|| panic!("out of {}", "cheese")).unwrap_err();
        assert!(said.starts_with("out of cheese (") && said.contains("guard.rs:"), "{said}");
    }

    #[test]
    fn what_does_not_panic_gives_its_value() {
        assert_eq!(guard(|| 7), Ok(7));
    }

    #[test]
    fn guards_within_guards_keep_their_own_panics() {
        let outer = guard(|| {
            let inner = guard(|| panic!("inner")).unwrap_err();
            assert!(inner.starts_with("inner"), "{inner}");
            panic!("outer")
        });
        assert!(outer.unwrap_err().starts_with("outer"));
    }
}
