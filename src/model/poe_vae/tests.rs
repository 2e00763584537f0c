//! What sets a network of several blocks apart: absence, hiding, gradients.

use candle_core::Device;

use super::*;
use crate::model::objective::{Batch, terms};
use crate::model::{InputShape, rows};
use crate::neural::gradcheck::{assert_gradients, noise};

const BLOCKS: [usize; 2] = [3, 5];

fn build(blocks: &[usize], likelihood: Likelihood) -> (Box<dyn Network>, Params) {
    let mut params = Params::new(7, &Device::Cpu);
    let input = Input { shape: InputShape::Vector(8), classes: 0, blocks: blocks.to_vec() };
    let backbone: Backbone = serde_json::from_str(r#"{"mlp": {"hidden": [6]}}"#).unwrap();
    let model = PoeVae { latent_dim: 2, backbone, likelihood, ..PoeVae::default() };
    (model.build(input, &mut params).unwrap(), params)
}

/// Four rows: whole, without the first block, without the second, without either.
fn gapped() -> Array2<f32> {
    let mut table = rows::array(&noise("rows", &[4, 8])).unwrap();
    for (row, columns) in [(1, 0..3), (2, 3..8), (3, 0..8)] {
        table.slice_mut(ndarray::s![row, columns]).fill(f32::NAN);
    }
    table
}

fn codes(network: &dyn Network, table: &Array2<f32>) -> Array2<f32> {
    rows::encode_rows(network, table.view(), None, &Device::Cpu).unwrap().means
}

#[test]
fn parameters_of_each_block_have_its_name_and_of_a_single_one_those_of_a_vae() {
    let names = |blocks: &[usize]| -> Vec<String> {
        build(blocks, Likelihood::Sigma).1.vars().iter().map(|(name, _)| name.clone()).collect()
    };
    assert!(names(&BLOCKS).contains(&"blocks.1.encoder.0.weight".to_owned()) && names(&BLOCKS).len() == 20);
    assert_eq!(names(&[]), names(&[8]));
    assert!(names(&[]).contains(&"encoder.0.weight".to_owned()) && names(&[]).len() == 10);
}

#[test]
fn what_a_row_lacks_never_changes_its_code() {
    let (network, params) = build(&BLOCKS, Likelihood::Sigma);
    let table = gapped();
    let before = codes(network.as_ref(), &table);
    assert!(before.iter().all(|x| x.is_finite()) && before.row(3).iter().all(|x| *x == 0.0));
    // The layers of the absent block are others: codes of rows without it stay, to the bit.
    let (_, weight) = &params.vars()[0];
    weight.set(&(weight.as_tensor() * 3.0).unwrap()).unwrap();
    let after = codes(network.as_ref(), &table);
    assert_eq!((before.row(1), before.row(3)), (after.row(1), after.row(3)));
    assert!(before.row(0) != after.row(0) && before.row(2) != after.row(2));
}

#[test]
fn what_is_absent_costs_nothing_and_every_term_is_finite() {
    for likelihood in [Likelihood::Sigma, Likelihood::Laplace, Likelihood::Bernoulli] {
        let (network, params) = build(&BLOCKS, likelihood);
        let score = |table: &Array2<f32>| {
            let x = rows::tensor(table.view(), InputShape::Vector(8), &Device::Cpu).unwrap();
            let noise = noise("code", &[table.nrows(), 2]);
            let batch = Batch { input: x.clone(), target: x, condition: None, noise };
            terms(network.as_ref(), &batch, Progress::END).unwrap()
        };
        let terms = score(&gapped());
        let rows: Vec<f64> = terms.parts.iter().map(|part| part.rows).collect();
        assert_eq!(rows, [2.0, 2.0]);
        let number = |tensor: &Tensor| tensor.to_scalar::<f32>().unwrap();
        assert!(number(&terms.loss).is_finite() && number(&terms.mse).is_finite());
        let gradients = terms.loss.backward().unwrap();
        for (name, var) in params.vars() {
            let gradient = rows::array(&gradients.get(var).expect(name).unsqueeze(0).unwrap()).unwrap();
            assert!(gradient.iter().all(|x| x.is_finite()), "{name}");
        }
        // Nobody has the second block: its layers must have a gradient all the same.
        let mut alone = gapped();
        alone.slice_mut(ndarray::s![.., 3..]).fill(f32::NAN);
        let gradients = score(&alone).loss.backward().unwrap();
        assert!(params.vars().iter().all(|(_, var)| gradients.get(var).is_some()));
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let (network, params) = build(&BLOCKS, Likelihood::Gaussian { variance: 0.5 });
    let x = rows::tensor(gapped().view(), InputShape::Vector(8), &Device::Cpu).unwrap();
    assert_gradients(&params, || {
        let (input, target) = (x.clone(), x.clone());
        let batch = Batch { input, target, condition: None, noise: noise("code", &[4, 2]) };
        terms(network.as_ref(), &batch, Progress::END)?.loss.reshape(1)
    });
}

#[test]
fn half_of_the_rows_are_shown_with_one_of_the_blocks_that_they_have() {
    let (network, _) = build(&BLOCKS, Likelihood::Sigma);
    let whole = Array2::<f32>::zeros((2000, 8));
    let veil = network.veil(whole.view(), &mut Stream::new(1, "veil")).unwrap();
    let hidden = |columns: std::ops::Range<usize>| {
        let all = |row: &ndarray::ArrayView1<f32>| columns.clone().all(|column| row[column].is_nan());
        veil.rows().into_iter().filter(all).count()
    };
    assert!((400..600).contains(&hidden(0..3)) && (400..600).contains(&hidden(3..8)) && hidden(0..8) == 0);
    let gapped = gapped();
    let veil = (0..50).map(|at| network.veil(gapped.view(), &mut Stream::at(1, "veil", at)).unwrap());
    assert!(veil.into_iter().all(|veil| veil.slice(ndarray::s![1.., ..]).iter().all(|x| *x == 0.0)));
    assert!(build(&[], Likelihood::Sigma).0.veil(whole.view(), &mut Stream::new(1, "veil")).is_none());
}

#[test]
fn blocks_that_do_not_fit_are_refused() {
    let refusal = |shape: InputShape, blocks: &[usize]| {
        let input = Input { shape, classes: 0, blocks: blocks.to_vec() };
        PoeVae::default().build(input, &mut Params::new(1, &Device::Cpu)).err().unwrap().to_string()
    };
    let map = InputShape::Map { channels: 1, bins: 2, frames: 4 };
    assert!(refusal(map, &BLOCKS).contains("vectors"));
    assert!(refusal(InputShape::Vector(8), &[3, 4]).contains("7 values"));
    assert!(refusal(InputShape::Vector(8), &[8, 0]).contains("at least 1"));
}
