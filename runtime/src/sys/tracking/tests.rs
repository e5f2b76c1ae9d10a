//! Each way of tracking against the same writes; what is undone is compared byte by byte.

use super::*;
use crate::sys::Mapping;

/// A range of which a part is a file's contents, as it is at the start.
struct Range4 {
    tracker: Tracker,
    mapping: Mapping,
    pages: usize,
}

fn contents(page: usize) -> Vec<u8> {
    (0..page_size()).map(|n| (n * 7 + page * 13 + 1) as u8).collect()
}

impl Range4 {
    /// `pages` pages, of which those of the second quarter are a file's.
    fn new(how: MemoryTracking, pages: usize) -> Option<Range4> {
        usable(Some(how))?;
        let (len, quarter) = (pages * page_size(), pages / 4);
        let bytes: Vec<u8> = (quarter..2 * quarter).flat_map(contents).collect();
        let file = Arc::new(ImageFile::new(bytes.len(), [(0, &*bytes)].into_iter()).unwrap());
        let mut mapping = Mapping::reserve_aligned(len, UNIT).unwrap();
        mapping.make_accessible(len).unwrap();
        mapping.map_image(quarter * page_size(), &file).unwrap();
        let source = Source::Image(file, quarter * page_size());
        // SAFETY: the mapping is accessible, aligned, outlives the tracker and is the test's.
        let tracker = unsafe { Tracker::new(how, mapping.base(), len, source) }.unwrap();
        Some(Range4 { tracker, mapping, pages })
    }

    fn write(&mut self, page: usize, at: usize, value: u8) {
        assert!(page < self.pages && at < page_size());
        // SAFETY: inside of the mapping.
        unsafe { self.mapping.base().add(page * page_size() + at).write_volatile(value) };
    }

    fn check(&self, what: &str) {
        for page in 0..self.pages {
            let expected = match page * 4 / self.pages {
                1 => contents(page),
                _ => vec![0; page_size()],
            };
            // SAFETY: inside of the mapping.
            let now = unsafe {
                core::slice::from_raw_parts(self.mapping.base().add(page * page_size()), page_size())
            };
            assert!(now == expected, "{what}: page {page}");
            assert!(!self.tracker.differs(page));
        }
    }
}

fn each(pages: usize, mut test: impl FnMut(MemoryTracking, Range4)) {
    for how in MemoryTracking::ALL {
        match Range4::new(how, pages) {
            Some(range) => test(how, range),
            None => eprintln!("{how:?} is not to be had here"),
        }
    }
}

#[test]
fn every_write_is_undone() {
    each(64, |how, mut range| {
        let mut seed = 1_u32;
        for round in 0..400 {
            // Stable at first, then ever different pages, then all, then few again.
            let count = [3, 5, 64, 2][round / 100];
            for n in 0..count {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let page = if round < 100 || count == 64 { n } else { seed as usize >> 8 };
                range.write(page % 64, seed as usize >> 20, seed as u8 | 1);
            }
            range.tracker.reset().unwrap();
            if round % 10 == 0 {
                range.check(&format!("{how:?} {round}"));
            }
        }
        range.check(&format!("{how:?}"));
    });
}

#[test]
fn long_unstable_lists_are_given_up_and_taken_up_again() {
    let Some(mut range) = Range4::new(MemoryTracking::UserFault, 1024) else { return };
    let mut seed = 1_u32;
    let mut write_random = |range: &mut Range4, count: usize| {
        for _ in 0..count {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            range.write(seed as usize >> 12 & 1023, seed as usize >> 20, seed as u8 | 1);
        }
    };
    for _ in 0..200 {
        write_random(&mut range, 8);
        range.tracker.reset().unwrap();
    }
    if UserFault::by_record().is_some() {
        assert_eq!(range.tracker.mode, Mode::Recorded);
    }
    range.check("recorded");
    for n in 0..1100 {
        range.write(3, 5, n as u8);
        range.tracker.reset().unwrap();
    }
    if UserFault::by_record().is_some() {
        assert_eq!(range.tracker.mode, Mode::Sticky);
    }
    range.check("sticky again");
    // One burst is forgotten: later resets do not write back what is not in use.
    for page in 0..500 {
        range.write(page, 1, 1);
    }
    range.tracker.reset().unwrap();
    for n in 0..300 {
        range.write(n % 3, 9, 1);
        range.tracker.reset().unwrap();
    }
    assert!(range.tracker.listed().count() <= DirtyList::ENOUGH, "{}", range.tracker.listed().count());
    range.check("after a burst");
}

#[test]
fn the_kernel_can_write_to_an_open_range() {
    for pages in [16, 256] {
        each(pages, |how, mut range| {
            let zeros = std::fs::File::open("/dev/zero").unwrap();
            for _ in 0..3 {
                range.write(1, 0, 3);
                range.tracker.open();
                let at = range.mapping.base().wrapping_add(pages / 4 * page_size()).cast();
                let len = pages / 2 * page_size();
                // SAFETY: inside of the mapping.
                let read = unsafe { libc::read(std::os::fd::AsRawFd::as_raw_fd(&zeros), at, len) };
                assert_eq!(read, len as isize, "{how:?}: {}", std::io::Error::last_os_error());
                let mut changed = Vec::new();
                range.tracker.each_changed(&mut |page| changed.push(page));
                assert!(changed.contains(&1) && changed.contains(&(pages / 4)), "{how:?}");
                range.tracker.reset().unwrap();
                range.check(&format!("{how:?}"));
            }
        });
    }
}

#[test]
fn expected_pages_do_not_fault() {
    let Some(mut range) = Range4::new(MemoryTracking::UserFault, 8) else { return };
    range.tracker.expect(&[2, 5, 900]);
    assert_eq!(range.tracker.listed().collect::<Vec<_>>(), [2, 5]);
    range.write(5, 0, 9);
    range.tracker.reset().unwrap();
    range.check("expected");
    range.write(5, 0, 9);
    range.tracker.start_over().unwrap();
    assert_eq!(range.tracker.listed().count(), 0);
    range.check("from the start");
}

#[test]
fn a_child_does_not_change_its_parents_protection() {
    let Some(mut range) = Range4::new(MemoryTracking::UserFault, 64) else { return };
    // SAFETY: the child asks the kernel for something and ends; it allocates nothing.
    let status = unsafe {
        let child = libc::fork();
        if child == 0 {
            range.tracker.open();
            let failed = range.tracker.watched.failed();
            libc::_exit(if failed { 33 } else { 0 });
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0);
        status
    };
    assert_eq!(libc::WEXITSTATUS(status), 33, "the child knows that it cannot tell what was written");
    range.write(20, 3, 1);
    assert_eq!(range.tracker.listed().collect::<Vec<_>>(), [20]);
    range.tracker.reset().unwrap();
    range.check("after a fork");
}
