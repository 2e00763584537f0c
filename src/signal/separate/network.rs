//! Sixteen running medians of 31 values by comparisons alone, eight signals side by side.
//! Windows that lie next to each other share most of their values: these are sorted once, and each half of the windows
//! adds what only it has and forgets what can no longer be its median (after Adams, "Fast median filters using separable
//! sorting networks", ACM Transactions on Graphics 40, 2021, in one dimension).
//! Every step is a minimum or a maximum, so nothing branches on the data.

use crate::signal::lanes::{LANES, vectorised};

/// Values of one window.
pub const KERNEL: usize = 31;

/// Medians made at once.
pub const GROUP: usize = 16;

/// Values that the windows of one group cover together.
pub const SPAN: usize = GROUP + KERNEL - 1;

/// One value of each of eight signals.
pub type Lanes = [f32; LANES];

vectorised! {
    /// `medians[i]` is the median of `window[i..i + 31]`, lane by lane.
    pub fn medians(window: &[Lanes; SPAN]) -> [Lanes; GROUP] {
        let mut shared = [[0.0; LANES]; 16];
        shared.copy_from_slice(&window[15..31]);
        sort(&mut shared);
        let mut out = [[0.0; LANES]; GROUP];
        let [left, right] = halves::<8>(&shared, window, 0);
        octet(&left, window, 0, &mut out);
        octet(&right, window, 8, &mut out);
        out
    }
}

/// The medians of the eight windows from `first` on; `shared` holds eight values around them, sorted.
#[inline(always)]
fn octet(shared: &[Lanes; 8], window: &[Lanes; SPAN], first: usize, out: &mut [Lanes; GROUP]) {
    let [left, right] = halves::<4>(shared, window, first);
    quartet(&left, window, first, out);
    quartet(&right, window, first + 4, out);
}

/// The medians of the four windows from `first` on; `shared` holds four values around them, sorted.
#[inline(always)]
fn quartet(shared: &[Lanes; 4], window: &[Lanes; SPAN], first: usize, out: &mut [Lanes; GROUP]) {
    let pairs = halves::<2>(shared, window, first);
    for (at, pair) in [(first, pairs[0]), (first + 2, pairs[1])] {
        let [[left], [right]] = halves::<1>(&pair, window, at);
        (out[at], out[at + 1]) = (left, right);
    }
}

/// What the first and the second `N` of the `2 N` windows from `first` on share, sorted: the `N` values around the medians.
#[inline(always)]
fn halves<const N: usize>(shared: &[Lanes], window: &[Lanes; SPAN], first: usize) -> [[Lanes; N]; 2] {
    let right = first + KERNEL;
    [narrow(shared, &window[first + N - 1..first + 2 * N - 1]), narrow(shared, &window[right..right + N])]
}

/// The middle `N` of `2 N` sorted values and `N` more, sorted.
/// Against the reversed others, each pair `shared[i] <= shared[i + N]` is a clamp: its minima are the `N` smallest of
/// all, its maxima the `N` largest, and what stays between rises and falls once around, which a bitonic merge sorts.
#[inline(always)]
fn narrow<const N: usize>(shared: &[Lanes], others: &[Lanes]) -> [Lanes; N] {
    let (mut sorted, mut middle) = ([[0.0; LANES]; N], [[0.0; LANES]; N]);
    sorted.copy_from_slice(others);
    sort(&mut sorted);
    for i in 0..N {
        middle[i] = larger(shared[i], smaller(shared[i + N], sorted[N - 1 - i]));
    }
    merge(&mut middle);
    middle
}

/// Sorts a sequence that, read in a circle, rises and falls once (Batcher, 1968). Its length is a power of two.
#[inline(always)]
fn merge<const N: usize>(values: &mut [Lanes; N]) {
    let mut gap = N / 2;
    while gap > 0 {
        for i in 0..N {
            if i & gap == 0 {
                exchange(values, i, i + gap);
            }
        }
        gap /= 2;
    }
}

macro_rules! exchanges {
    ($values:ident: $($low:literal $high:literal),+) => { $(exchange($values, $low, $high);)+ };
}

/// The shortest known networks: 1, 5, 19 and 60 exchanges for 2, 4, 8 and 16 values (Knuth, vol. 3, section 5.3.4).
#[inline(always)]
fn sort(values: &mut [Lanes]) {
    match values.len() {
        2 => exchange(values, 0, 1),
        4 => sort_4(values),
        8 => sort_8(values),
        16 => sort_16(values),
        _ => {}
    }
}

#[inline(always)]
fn sort_4(values: &mut [Lanes]) {
    exchanges!(values: 0 1, 2 3, 0 2, 1 3, 1 2);
}

#[inline(always)]
fn sort_8(values: &mut [Lanes]) {
    exchanges!(values: 0 2, 1 3, 4 6, 5 7, 0 4, 1 5, 2 6, 3 7, 0 1, 2 3, 4 5, 6 7, 2 4, 3 5, 1 4, 3 6, 1 2, 3 4, 5 6);
}

#[inline(always)]
fn sort_16(values: &mut [Lanes]) {
    exchanges!(values: 0 13, 1 12, 2 15, 3 14, 4 8, 5 6, 7 11, 9 10, 0 5, 1 7, 2 9, 3 4, 6 13, 8 14, 10 15, 11 12);
    exchanges!(values: 0 1, 2 3, 4 5, 6 8, 7 9, 10 11, 12 13, 14 15, 0 2, 1 3, 4 10, 5 11, 6 7, 8 9, 12 14, 13 15);
    exchanges!(values: 1 2, 3 12, 4 6, 5 7, 8 10, 9 11, 13 14, 1 4, 2 6, 5 8, 7 10, 9 13, 11 14, 2 4, 3 6, 9 12, 11 13);
    exchanges!(values: 3 5, 6 8, 7 9, 10 12, 3 4, 5 6, 7 8, 9 10, 11 12, 6 7, 8 9);
}

#[inline(always)]
fn exchange(values: &mut [Lanes], low: usize, high: usize) {
    let (a, b) = (values[low], values[high]);
    (values[low], values[high]) = (smaller(a, b), larger(a, b));
}

// Written so that each is one vector instruction; `f32::min` would add two for NaN.
#[inline(always)]
fn smaller(a: Lanes, mut b: Lanes) -> Lanes {
    (0..LANES).for_each(|i| b[i] = if a[i] < b[i] { a[i] } else { b[i] });
    b
}

#[inline(always)]
fn larger(mut a: Lanes, b: Lanes) -> Lanes {
    (0..LANES).for_each(|i| a[i] = if a[i] < b[i] { b[i] } else { a[i] });
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    /// A network sorts everything if it sorts all zeros and ones (Knuth, theorem Z).
    fn sorts_all_bits(n: usize) {
        for bits in 0..1u32 << n {
            let mut values: Vec<Lanes> = (0..n).map(|i| [(bits >> i & 1) as f32; LANES]).collect();
            sort(&mut values);
            assert!(values.is_sorted(), "{n} values: {bits:b}");
        }
    }

    #[test]
    fn networks_sort() {
        [1, 2, 4, 8, 16].into_iter().for_each(sorts_all_bits);
    }

    proptest! {
        #[test]
        fn medians_are_those_of_sorted_windows(seed in any::<u64>(), levels in 1u32..200) {
            let mut stream = Stream::new(seed, "medians");
            let window: [Lanes; SPAN] =
                std::array::from_fn(|_| std::array::from_fn(|_| stream.below(levels as usize) as f32));
            let fast = medians(&window);
            for (i, lane) in (0..GROUP).flat_map(|i| (0..LANES).map(move |lane| (i, lane))) {
                let mut sorted: Vec<f32> = window[i..i + KERNEL].iter().map(|lanes| lanes[lane]).collect();
                sorted.sort_by(f32::total_cmp);
                prop_assert_eq!(fast[i][lane], sorted[KERNEL / 2]);
            }
        }
    }
}
