use proptest::prelude::*;

use super::*;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

#[test]
fn a_full_minute_opens_again_bit_by_bit() {
    let mut buckets = Buckets::default();
    for remaining in (0..4).rev() {
        let (next, window) = buckets.hit(4, at(0)).unwrap();
        assert_eq!(window.remaining, remaining);
        buckets = next;
    }
    let refused = buckets.hit(4, at(30_000_000)).unwrap_err();
    assert_eq!(refused.window.resets_at, at(WINDOW));
    // A quarter of the next minute frees one of four.
    assert_eq!(refused.retry_after, Duration::from_secs(45));
    assert!(buckets.hit(4, at(74_999_999)).is_err());
    assert!(buckets.hit(4, at(75_000_000)).is_ok());
}

#[test]
fn two_quiet_minutes_forget_everything() {
    let full = Buckets {
        bucket: 0,
        count: 9,
        previous: 9,
    };
    let (_, window) = full.hit(9, at(2 * WINDOW)).unwrap();
    assert_eq!(window.remaining, 8);
}

#[test]
fn a_clock_that_goes_back_opens_nothing() {
    let full = Buckets {
        bucket: 5,
        count: 3,
        previous: 0,
    };
    assert!(full.hit(3, at(0)).is_err());
}

#[test]
fn a_clock_that_was_far_ahead_shuts_nobody_out() {
    let full = Buckets {
        bucket: 500_000,
        count: 3,
        previous: 3,
    };
    let (after, window) = full.hit(3, at(7 * WINDOW)).unwrap();
    assert_eq!((after.bucket, window.remaining), (7, 2));
}

proptest! {
    #[test]
    fn the_promised_wait_is_enough_and_not_too_long(
        limit in 1_u32..50,
        previous in 0_i64..60,
        count in 0_i64..60,
        elapsed in 0_i64..WINDOW,
    ) {
        let buckets = Buckets { bucket: 3, count, previous };
        let now = at(3 * WINDOW + elapsed);
        if let Err(refused) = buckets.hit(limit, now) {
            let wait = i64::try_from(refused.retry_after.as_micros()).unwrap();
            prop_assert!(wait > 0 && wait <= 2 * WINDOW);
            prop_assert!(buckets.hit(limit, at(now.as_micros() + wait)).is_ok());
            prop_assert!(buckets.hit(limit, at(now.as_micros() + wait - 1)).is_err());
        }
    }
}
