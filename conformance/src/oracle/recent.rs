//! The newest few of something, in place.

use core::ops::Deref;

/// The last `N` that were pushed, the oldest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recent<T, const N: usize> {
    all: [T; N],
    len: usize,
}

impl<T: Copy + Default, const N: usize> Default for Recent<T, N> {
    fn default() -> Self {
        Self { all: [T::default(); N], len: 0 }
    }
}

impl<T: Copy, const N: usize> Recent<T, N> {
    /// Appends one; the oldest goes if there are `N` already.
    pub(super) fn push(&mut self, one: T) {
        if self.len == N {
            self.all.copy_within(1.., 0);
            self.len -= 1;
        }
        self.all[self.len] = one;
        self.len += 1;
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}

impl<T, const N: usize> Deref for Recent<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_in_their_order() {
        let mut recent = Recent::<u8, 3>::default();
        assert!(recent.is_empty());
        (1..=5).for_each(|one| recent.push(one));
        assert_eq!(*recent, [3, 4, 5]);
        recent.clear();
        recent.push(9);
        assert_eq!(*recent, [9]);
    }
}
