//! Convolutions against candle's own, finite differences, and themselves on other numbers of threads.

use candle_core::{Device, Tensor, Var};
use proptest::prelude::{ProptestConfig, proptest};

use super::{Conv2d, ConvTranspose2d, Window, conv_transpose2d, conv2d, stock_conv_transpose2d, stock_conv2d};
use crate::neural::gradcheck::{assert_gradients, noise};
use crate::neural::params::Params;

fn flat(t: &Tensor) -> Vec<f32> {
    t.flatten_all().unwrap().to_vec1().unwrap()
}

/// The largest difference relative to the largest value; a sum of many values near 1 that happens to vanish has the
/// rounding of its terms, hence the floor.
fn gap(ours: &Tensor, theirs: &Tensor) -> f32 {
    assert_eq!(ours.dims(), theirs.dims());
    let (ours, theirs) = (flat(ours), flat(theirs));
    let largest = theirs.iter().fold(0.1f32, |most, v| most.max(v.abs()));
    ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}

type Op<'a> = &'a dyn Fn(&Tensor, &Tensor, &Tensor) -> candle_core::Result<Tensor>;

/// Output and gradients of `x`, weight and bias, for a fixed random projection.
fn all(op: Op, inputs: &[Tensor; 3]) -> Vec<Tensor> {
    let [x, w, b] = inputs.each_ref().map(|t| Var::from_tensor(t).unwrap());
    let y = op(x.as_tensor(), w.as_tensor(), b.as_tensor()).unwrap();
    let store = (&y * noise("direction", y.dims())).unwrap().sum_all().unwrap().backward().unwrap();
    let gradient = |var: &Var| store.get(var).unwrap().clone();
    vec![y, gradient(&x), gradient(&w), gradient(&b)]
}

fn same(ours: Op, theirs: Op, inputs: &[Tensor; 3]) {
    for (at, (ours, theirs)) in all(ours, inputs).iter().zip(all(theirs, inputs)).enumerate() {
        let gap = gap(ours, &theirs);
        assert!(gap < 1e-4, "tensor {at} differs by {gap}");
    }
}

/// `y` where `ours` is above 0: next to the corner, rounding would decide which of two gradients is right.
fn cut(y: Tensor, ours: Tensor, relu: bool) -> candle_core::Result<Tensor> {
    if relu { y * ours.detach().gt(0f32)?.to_dtype(candle_core::DType::F32)? } else { Ok(y) }
}

fn check(rows: usize, channels: (usize, usize), size: (usize, usize), kernel: (usize, usize), window: Window) {
    let (inputs, outputs) = channels;
    let fine = noise("x", &[rows, inputs, size.0, size.1]);
    let weight = noise("w", &[outputs, inputs, kernel.0, kernel.1]);
    for relu in [false, true] {
        let x = [fine.clone(), weight.clone(), noise("b", &[outputs])];
        let ours: Op = &|x, w, b| conv2d(x, w, b, window, relu);
        same(ours, &|x, w, b| cut(stock_conv2d(x, w, b, window, false)?, ours(x, w, b)?, relu), &x);
        let coarse = conv2d(&fine, &weight, &x[2], window, false).unwrap();
        let z = [noise("z", coarse.dims()), weight.clone(), noise("c", &[inputs])];
        let ours: Op = &|x, w, b| conv_transpose2d(x, w, b, window, size, relu);
        let theirs: Op = &|x, w, b| stock_conv_transpose2d(x, w, b, window, size, false);
        same(ours, &|x, w, b| cut(theirs(x, w, b)?, ours(x, w, b)?, relu), &z);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_convolution_is_that_of_candle(
        rows in 1usize..4, channels in (1usize..5, 1usize..5), size in (6usize..14, 6usize..14),
        kernel in (1usize..6, 1usize..6), stride in 1usize..4, padding in 0usize..3,
    ) {
        check(rows, channels, size, kernel, Window { stride, padding: padding.min(kernel.0.min(kernel.1) - 1) });
    }

    #[test]
    fn tiled_convolutions_are_those_of_candle(
        rows in 1usize..6, channels in (16usize..20, 16usize..20), size in (4usize..40, 4usize..40), stride in 1usize..3,
        padding in 0usize..3,
    ) {
        let kernel = stride + 2;
        check(rows, channels, size, (kernel, kernel), Window { stride, padding });
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let mut params = Params::new(1, &Device::Cpu);
    let x = params.kaiming("x", &[3, 2, 5, 4], 1).unwrap();
    let window = Window { stride: 2, padding: 1 };
    let down = Conv2d::new(&mut params, "down", (2, 16), 4, window).unwrap();
    let same = Conv2d::new(&mut params, "same", (16, 16), 3, Window { stride: 1, padding: 1 }).unwrap();
    let up = ConvTranspose2d::new(&mut params, "up", (16, 16), 4, window, (5, 4)).unwrap();
    assert_gradients(&params, || up.forward(&same.forward(&down.forward(&x)?.silu()?)?.silu()?));
}

#[test]
fn results_are_the_same_bits_for_any_number_of_threads() {
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let window = Window { stride: 2, padding: 1 };
            let x = [noise("x", &[40, 20, 17, 16]), noise("w", &[24, 20, 4, 4]), noise("b", &[24])];
            let tiled = all(&|x, w, b| conv2d(x, w, b, window, true), &x);
            let x = [noise("x", &[40, 3, 17, 16]), noise("w", &[5, 3, 3, 3]), noise("b", &[5])];
            [tiled, all(&|x, w, b| conv2d(x, w, b, window, true), &x)]
                .concat()
                .iter()
                .flat_map(flat)
                .collect::<Vec<f32>>()
        })
    };
    let one = bits(1);
    assert!(one == bits(2) && one == bits(4));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (x, w, b) = (noise("x", &[1, 2, 2, 2]), noise("w", &[3, 2, 4, 4]), noise("b", &[3]));
    assert!(conv2d(&x, &w, &b, Window { stride: 1, padding: 0 }, false).is_err());
    assert!(conv2d(&x, &w, &b, Window { stride: 0, padding: 1 }, false).is_err());
    assert!(conv2d(&noise("x", &[1, 3, 8, 8]), &w, &b, Window { stride: 1, padding: 1 }, false).is_err());
    let w = noise("w", &[2, 3, 4, 4]);
    assert!(conv_transpose2d(&x, &w, &b, Window { stride: 2, padding: 1 }, (6, 4), false).is_err());
}

#[test]
fn no_rows_give_no_rows_and_no_gradient() {
    for channels in [2, 16] {
        let inputs = [noise("x", &[0, channels, 6, 6]), noise("w", &[16, channels, 3, 3]), noise("b", &[16])];
        let all = all(&|x, w, b| conv2d(x, w, b, Window { stride: 1, padding: 1 }, true), &inputs);
        assert_eq!(all[0].dims(), [0, 16, 6, 6]);
        assert!(flat(&all[2]).iter().chain(&flat(&all[3])).all(|g| *g == 0.0));
    }
}
