//! The walk over options, of whatever format: one behind the other, each telling its own length.

use super::error::Error;
use super::read::Span;
use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

/// What a [`Walk`] gives. It is sealed: the formats in here implement it.
pub trait Item<'a>: Sized {
    /// Reads the item that `input` begins with, `offset` octets into the outermost input.
    ///
    /// # Errors
    /// If it is malformed.
    #[doc(hidden)]
    fn read(input: &'a [u8], offset: usize) -> Result<(&'a [u8], Self), Error>;

    /// Does it end the list, whatever follows?
    #[doc(hidden)]
    fn is_last(&self) -> bool {
        false
    }
}

/// Walks over raw options and gives each, or the fault that ends the walk: behind a malformed option nobody can tell
/// where the next one begins.
pub struct Walk<'a, T> {
    rest: &'a [u8],
    /// Where the options end in the outermost input.
    end: usize,
    ended: bool,
    items: PhantomData<fn() -> T>,
}

impl<'a, T: Item<'a>> Walk<'a, T> {
    #[inline(always)]
    pub(super) const fn over(span: Span<'a>) -> Self {
        Self {
            rest: span.octets(),
            end: span.offset() + span.octets().len(),
            ended: false,
            items: PhantomData,
        }
    }

    /// What has not been walked over: behind the end of the list it is padding, behind a fault it begins with the
    /// malformed option.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a, T: Item<'a>> Iterator for Walk<'a, T> {
    type Item = Result<T, Error>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.ended {
            return None;
        }
        let offset = self.end - self.rest.len();
        match T::read(self.rest, offset) {
            Ok((rest, item)) => {
                self.rest = rest;
                self.ended = item.is_last();
                Some(Ok(item))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

impl<'a, T: Item<'a>> FusedIterator for Walk<'a, T> {}

impl<T> Clone for Walk<'_, T> {
    fn clone(&self) -> Self {
        Self { items: PhantomData, ..*self }
    }
}

impl<T> fmt::Debug for Walk<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").field("rest", &self.rest).field("ended", &self.ended).finish()
    }
}
