//! The matrix product of plain slices, one thread, on the kernels that candle multiplies with too.
//! Whoever calls it cuts the work into pieces of fixed size, so that no sum depends on the number of threads.

/// A matrix in a slice: entry `(i, j)` is `values[i · row + j · column]`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    size: (usize, usize),
    strides: (usize, usize),
}

impl<'a> Matrix<'a> {
    /// `size = (rows, columns)`, rows `stride` apart.
    pub(crate) fn new(values: &'a [f32], size: (usize, usize), stride: usize) -> Matrix<'a> {
        Matrix { values, size, strides: (stride, 1) }
    }

    /// Its transpose, nothing moved.
    pub(crate) fn t(self) -> Matrix<'a> {
        Matrix { size: (self.size.1, self.size.0), strides: (self.strides.1, self.strides.0), ..self }
    }

    /// Rows `from .. from + count`.
    pub(crate) fn rows(self, from: usize, count: usize) -> Matrix<'a> {
        let start = (from * self.strides.0).min(self.values.len());
        Matrix { values: &self.values[start..], size: (count, self.size.1), ..self }
    }

    fn fits(&self) -> bool {
        span(self.size, self.strides) <= self.values.len()
    }
}

/// Values from the first entry to the last.
fn span(size: (usize, usize), strides: (usize, usize)) -> usize {
    if size.0 == 0 || size.1 == 0 { 0 } else { (size.0 - 1) * strides.0 + (size.1 - 1) * strides.1 + 1 }
}

/// `out = a b`, or `out += a b`; rows of `out` are `stride` apart.
pub(crate) fn multiply(out: &mut [f32], stride: usize, a: Matrix, b: Matrix, accumulate: bool) {
    let ((m, k), n) = (a.size, b.size.1);
    assert!(k == b.size.0 && n <= stride && a.fits() && b.fits() && span((m, n), (stride, 1)) <= out.len());
    if k == 0 && !accumulate {
        out.fill(0.0);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    let signed = |(row, column): (usize, usize)| (column as isize, row as isize);
    let ((a_column, a_row), (b_column, b_row)) = (signed(a.strides), signed(b.strides));
    let (a, b, out, alpha) = (a.values.as_ptr(), b.values.as_ptr(), out.as_mut_ptr(), f32::from(accumulate));
    let threads = gemm::Parallelism::None;
    #[expect(unsafe_code, reason = "every entry of the three matrices lies inside its slice: asserted above")]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out,
            1,
            stride as isize,
            accumulate,
            a,
            a_column,
            a_row,
            b,
            b_column,
            b_row,
            alpha,
            1.0,
            false,
            false,
            false,
            threads,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{ProptestConfig, proptest};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn products_are_those_by_definition(m in 0usize..20, n in 0usize..20, k in 0usize..20, pad in 0usize..3, add: bool) {
            let draw = |name: &str, len| Stream::new(1, name).normals(len);
            let (a, b) = (draw("a", m * (k + pad)), draw("b", n * (k + pad)));
            let mut out = vec![1.0; m * (n + pad)];
            multiply(&mut out, n + pad, Matrix::new(&a, (m, k), k + pad), Matrix::new(&b, (n, k), k + pad).t(), add);
            for (i, j) in (0..m * n).map(|at| (at / n, at % n)) {
                let exact: f32 = (0..k).map(|l| a[i * (k + pad) + l] * b[j * (k + pad) + l]).sum();
                let exact = exact + f32::from(u8::from(add));
                assert!((out[i * (n + pad) + j] - exact).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn rows_start_where_they_should() {
        let (a, mut out) = ([1.0, 2.0, 3.0, 4.0], [0.0; 2]);
        multiply(
            &mut out,
            2,
            Matrix::new(&a, (2, 2), 2).rows(1, 1),
            Matrix::new(&[1.0, 0.0, 0.0, 1.0], (2, 2), 2),
            false,
        );
        assert_eq!(out, [3.0, 4.0]);
    }
}
