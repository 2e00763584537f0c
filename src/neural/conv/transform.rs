//! Short convolutions with fewer products: `outputs = Aᵀ (G w ⊙ Bᵀ x)` along one side, for many tiles at once.
//! Lavin and Gray, "Fast algorithms for convolutional neural networks" (CVPR 2016), equations 5 to 9; Winograd (1980).
//!
//! Two outputs of a kernel of 3 take 4 products in place of 6, two of a kernel of 2 take 3 in place of 4. Every matrix below
//! holds only 0, ±1 and ½, so the results are as exact as those of the definition.

/// The same value of several neighbouring tiles.
pub(crate) type Lanes<const W: usize> = [f32; W];

#[inline(always)]
fn add<const W: usize>(a: Lanes<W>, b: Lanes<W>) -> Lanes<W> {
    std::array::from_fn(|at| a[at] + b[at])
}

#[inline(always)]
fn sub<const W: usize>(a: Lanes<W>, b: Lanes<W>) -> Lanes<W> {
    std::array::from_fn(|at| a[at] - b[at])
}

#[inline(always)]
fn neg<const W: usize>(a: Lanes<W>) -> Lanes<W> {
    a.map(|a| -a)
}

#[inline(always)]
fn half<const W: usize>(a: Lanes<W>) -> Lanes<W> {
    a.map(|a| 0.5 * a)
}

/// The matrices for `TAPS` taps and two outputs in `POINTS` products, each with its transpose.
pub(crate) trait Transform<const POINTS: usize, const TAPS: usize> {
    /// `Bᵀ x`
    fn input<const W: usize>(x: [Lanes<W>; POINTS]) -> [Lanes<W>; POINTS];
    /// `B v`
    fn input_t<const W: usize>(v: [Lanes<W>; POINTS]) -> [Lanes<W>; POINTS];
    /// `Aᵀ m`
    fn output<const W: usize>(m: [Lanes<W>; POINTS]) -> [Lanes<W>; 2];
    /// `A y`
    fn output_t<const W: usize>(y: [Lanes<W>; 2]) -> [Lanes<W>; POINTS];
    /// `G w`
    fn weight<const W: usize>(w: [Lanes<W>; TAPS]) -> [Lanes<W>; POINTS];
    /// `Gᵀ u`
    fn weight_t<const W: usize>(u: [Lanes<W>; POINTS]) -> [Lanes<W>; TAPS];
}

/// Two outputs of two taps, from the points 0, 1 and infinity.
pub(crate) struct Two;

impl Transform<3, 2> for Two {
    #[inline(always)]
    fn input<const W: usize>([a, b, c]: [Lanes<W>; 3]) -> [Lanes<W>; 3] {
        [sub(a, b), b, sub(b, c)]
    }

    #[inline(always)]
    fn input_t<const W: usize>([a, b, c]: [Lanes<W>; 3]) -> [Lanes<W>; 3] {
        [a, add(sub(b, a), c), neg(c)]
    }

    #[inline(always)]
    fn output<const W: usize>([a, b, c]: [Lanes<W>; 3]) -> [Lanes<W>; 2] {
        [add(a, b), sub(b, c)]
    }

    #[inline(always)]
    fn output_t<const W: usize>([a, b]: [Lanes<W>; 2]) -> [Lanes<W>; 3] {
        [a, add(a, b), neg(b)]
    }

    #[inline(always)]
    fn weight<const W: usize>([a, b]: [Lanes<W>; 2]) -> [Lanes<W>; 3] {
        [a, add(a, b), b]
    }

    #[inline(always)]
    fn weight_t<const W: usize>([a, b, c]: [Lanes<W>; 3]) -> [Lanes<W>; 2] {
        [add(a, b), add(b, c)]
    }
}

/// Two outputs of three taps, from the points 0, 1, -1 and infinity.
pub(crate) struct Three;

impl Transform<4, 3> for Three {
    #[inline(always)]
    fn input<const W: usize>([a, b, c, d]: [Lanes<W>; 4]) -> [Lanes<W>; 4] {
        [sub(a, c), add(b, c), sub(c, b), sub(b, d)]
    }

    #[inline(always)]
    fn input_t<const W: usize>([a, b, c, d]: [Lanes<W>; 4]) -> [Lanes<W>; 4] {
        [a, add(sub(b, c), d), sub(add(b, c), a), neg(d)]
    }

    #[inline(always)]
    fn output<const W: usize>([a, b, c, d]: [Lanes<W>; 4]) -> [Lanes<W>; 2] {
        [add(add(a, b), c), sub(sub(b, c), d)]
    }

    #[inline(always)]
    fn output_t<const W: usize>([a, b]: [Lanes<W>; 2]) -> [Lanes<W>; 4] {
        [a, add(a, b), sub(a, b), neg(b)]
    }

    #[inline(always)]
    fn weight<const W: usize>([a, b, c]: [Lanes<W>; 3]) -> [Lanes<W>; 4] {
        let (even, odd) = (half(add(a, c)), half(b));
        [a, add(even, odd), sub(even, odd), c]
    }

    #[inline(always)]
    fn weight_t<const W: usize>([a, b, c, d]: [Lanes<W>; 4]) -> [Lanes<W>; 3] {
        let (even, odd) = (half(add(b, c)), half(sub(b, c)));
        [add(a, even), odd, add(even, d)]
    }
}

/// `map` along both axes of a square: rows first, then columns.
#[inline(always)]
pub(crate) fn both<const W: usize, const M: usize, const N: usize>(
    square: [[Lanes<W>; M]; M],
    map: impl Fn([Lanes<W>; M]) -> [Lanes<W>; N],
) -> [[Lanes<W>; N]; N] {
    let (mut rows, mut out) = ([[[0.0; W]; N]; M], [[[0.0; W]; N]; N]);
    for i in 0..M {
        rows[i] = map(square[i]);
    }
    for j in 0..N {
        let mut column = [[0.0; W]; M];
        for i in 0..M {
            column[i] = rows[i][j];
        }
        let column = map(column);
        for i in 0..N {
            out[i][j] = column[i];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<X: Transform<P, R>, const P: usize, const R: usize>() {
        let x: [Lanes<1>; P] = std::array::from_fn(|at| [(at as f32 + 1.0).sin()]);
        let w: [Lanes<1>; R] = std::array::from_fn(|at| [(at as f32 * 2.0).cos()]);
        let (v, u) = (X::input(x), X::weight(w));
        let y = X::output(std::array::from_fn(|at| [v[at][0] * u[at][0]]));
        let direct = |at: usize| (0..R).map(|tap| x[at + tap][0] * w[tap][0]).sum::<f32>();
        assert!((0..2).all(|at| (y[at][0] - direct(at)).abs() < 1e-6));
        // Each transpose: <a, M b> = <Mᵗ a, b>.
        let dot = |a: &[Lanes<1>], b: &[Lanes<1>]| a.iter().zip(b).map(|(a, b)| a[0] * b[0]).sum::<f32>();
        let z: [Lanes<1>; P] = std::array::from_fn(|at| [(at as f32 + 5.0).cos()]);
        assert!((dot(&z, &v) - dot(&X::input_t(z), &x)).abs() < 1e-6);
        assert!((dot(&X::output(z), &y) - dot(&z, &X::output_t(y))).abs() < 1e-6);
        assert!((dot(&z, &u) - dot(&X::weight_t(z), &w)).abs() < 1e-6);
    }

    #[test]
    fn products_in_the_transformed_domain_are_short_convolutions() {
        check::<Two, 3, 2>();
        check::<Three, 4, 3>();
    }
}
