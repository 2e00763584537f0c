//! One training step (forward, backward, Adam) of the two backbones, and the maps behind a convolution.

use std::hint::black_box;

use candle_core::{Device, Tensor};
use criterion::{Criterion, criterion_group, criterion_main};
use runner::model::backbone::{Conv, Mlp};
use runner::model::beta_vae::BetaVae;
use runner::model::{Backbone, InputShape, Model, Network, Progress};
use runner::neural::adam::{Adam, gradients};
use runner::neural::columns::Grid;
use runner::neural::loss::mean_squared_error;
use runner::neural::params::Params;
use runner::random::Stream;

fn normals(shape: &[usize]) -> Tensor {
    let values = Stream::new(1, "bench").normals(shape.iter().product());
    Tensor::from_vec(values, shape, &Device::Cpu).expect("as many values as asked for")
}

fn step(
    network: &dyn Network,
    params: &Params,
    adam: &mut Adam,
    x: &Tensor,
    noise: &Tensor,
) -> candle_core::Result<()> {
    let q = network.encode(x)?;
    let error = mean_squared_error(x, &network.decode(&q.sample(noise)?)?)?;
    let nll = network.likelihood().nll(&error, network.body().shape().values())?;
    let loss = match network.regularizer(&q, Progress::END)? {
        Some(term) => (nll + term)?,
        None => nll,
    };
    adam.step(params, &gradients(params, &loss.backward()?)?, 1e-3)
}

fn train(c: &mut Criterion, name: &str, backbone: Backbone, shape: InputShape, rows: usize) {
    let mut params = Params::new(1, &Device::Cpu);
    let model = BetaVae { backbone, ..BetaVae::default() };
    let network = model.build(shape, &mut params).expect("the shape fits the backbone");
    let mut adam = Adam::new(&params, 0.0);
    let (x, noise) = (normals(&shape.batch(rows)), normals(&[rows, model.latent_dim]));
    c.bench_function(name, |bench| {
        bench.iter(|| step(network.as_ref(), &params, &mut adam, &x, &noise).expect("all shapes fit"));
    });
}

fn steps(c: &mut Criterion) {
    train(c, "step mlp 40 batch 64", Backbone::Mlp(Mlp::default()), InputShape::Vector(40), 64);
    train(c, "step mlp 500 batch 128", Backbone::Mlp(Mlp::default()), InputShape::Vector(500), 128);
    let conv = |channels: &[usize]| Backbone::Conv(Conv { channels: channels.to_vec() });
    let map = |bins, frames| InputShape::Map { channels: 1, bins, frames };
    train(c, "step conv 8-16-32-64 64x128 batch 16", conv(&[8, 16, 32, 64]), map(64, 128), 16);
    train(c, "step conv 32-64-128-256 128x128 batch 32", conv(&[32, 64, 128, 256]), map(128, 128), 32);
}

fn columns(c: &mut Criterion) {
    let grid = Grid { rows: 16, fine: (64, 64) };
    let images = normals(&[16, 16, 64, 64]);
    let unfolded = grid.unfold(&images).expect("the images fit the grid");
    c.bench_function("unfold 16x16x64x64", |bench| bench.iter(|| black_box(grid.unfold(&images).expect("fits"))));
    c.bench_function("fold 16x16x64x64", |bench| bench.iter(|| black_box(grid.fold(&unfolded).expect("fits"))));
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = steps, columns }
criterion_main!(benches);
