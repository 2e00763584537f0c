//! One training step (forward, backward, Adam) of the two backbones, and their layers forward and backward.

use candle_core::{Device, Tensor};
use criterion::{Criterion, criterion_group, criterion_main};
use runner::model::backbone::{Conv, Mlp};
use runner::model::beta_vae::BetaVae;
use runner::model::contrast::Pair;
use runner::model::encoder::{ConvEncoder, Encoder};
use runner::model::objective::{Batch, terms};
use runner::model::simclr::Simclr;
use runner::model::{Backbone, InputShape, Model, Network, Progress};
use runner::neural::activation::Activation;
use runner::neural::adam::{Adam, gradients};
use runner::neural::batch_norm::{BatchNorm, Phase};
use runner::neural::conv::{Conv2d, ConvTranspose2d, Window};
use runner::neural::linear::Linear;
use runner::neural::norm::GroupNorm;
use runner::neural::params::Params;
use runner::neural::pool::max_pool2;
use runner::random::Stream;

fn normals(shape: &[usize]) -> Tensor {
    let values = Stream::new(1, "bench").normals(shape.iter().product());
    Tensor::from_vec(values, shape, &Device::Cpu).expect("as many values as asked for")
}

fn step(network: &dyn Network, params: &Params, adam: &mut Adam, batch: &Batch) -> candle_core::Result<()> {
    let loss = terms(network, batch, Progress::END)?.loss;
    adam.step(params, &gradients(params, &loss.backward()?)?, 1e-3)
}

fn train(c: &mut Criterion, name: &str, backbone: Backbone, shape: InputShape, rows: usize) {
    let mut params = Params::new(1, &Device::Cpu);
    let model = BetaVae { backbone, ..BetaVae::default() };
    let network = model.build(shape.into(), &mut params).expect("the shape fits the backbone");
    let mut adam = Adam::new(&params, 0.0);
    let (x, noise) = (normals(&shape.batch(rows)), normals(&[rows, model.latent_dim]));
    let batch = Batch { input: x.clone(), target: x, condition: None, noise };
    c.bench_function(name, |bench| {
        bench.iter(|| step(network.as_ref(), &params, &mut adam, &batch).expect("all shapes fit"));
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

/// One step of SimCLR on views of `tracks` tracks, batch statistics and objective with it.
fn contrast(c: &mut Criterion, name: &str, channels: &[usize], shape: InputShape, tracks: usize) {
    let mut params = Params::new(1, &Device::Cpu);
    let encoder = Encoder::Conv(ConvEncoder { channels: channels.to_vec() });
    let model = Simclr { encoder, embedding: 256, projection: 256, ..Simclr::default() };
    let network = model.build(shape.into(), &mut params).expect("the shape fits the encoder");
    let mut adam = Adam::new(&params, 0.0);
    let (first, second) = (normals(&shape.batch(tracks)), normals(&shape.batch(tracks)));
    let pair = Pair { first, second: (second * 0.5).expect("a number"), groups: (0..tracks as u32).collect() };
    c.bench_function(name, |bench| {
        bench.iter(|| {
            let contrast = network.contrast().expect("SimCLR is contrastive");
            let loss = contrast.cost(&pair, Phase::Learning, Progress::END).expect("the views fit").loss;
            let gradients = loss.backward().and_then(|store| gradients(&params, &store)).expect("all have one");
            adam.step(&params, &gradients, 1e-3).expect("all shapes fit");
        });
    });
}

fn contrasts(c: &mut Criterion) {
    let map = |bins, frames| InputShape::Map { channels: 1, bins, frames };
    contrast(c, "step simclr 64-128-256-512 128x128 views 16", &[64, 128, 256, 512], map(128, 128), 8);
    contrast(c, "step simclr 64-128-256-512 128x128 views 64", &[64, 128, 256, 512], map(128, 128), 32);
    contrast(c, "step simclr 16-32-64-128 64x64 views 128", &[16, 32, 64, 128], map(64, 64), 64);
}

/// Forward alone, and forward with the gradients of the input and of all parameters.
fn layer(c: &mut Criterion, name: &str, input: &[usize], build: impl Fn(&mut Params) -> Layer) {
    let mut params = Params::new(1, &Device::Cpu);
    let x = params.kaiming("x", input, 1).expect("the name is used once");
    let forward = build(&mut params);
    c.bench_function(&format!("{name} forward"), |bench| bench.iter(|| forward(&x).expect("fits")));
    c.bench_function(&format!("{name} forward, backward"), |bench| {
        bench.iter(|| forward(&x).and_then(|y| y.backward()).expect("fits"));
    });
}

type Layer = Box<dyn Fn(&Tensor) -> candle_core::Result<Tensor>>;

fn layers(c: &mut Criterion) {
    let (half, same) = (Window { stride: 2, padding: 1 }, Window { stride: 1, padding: 1 });
    for (inputs, outputs, side) in [(1, 32, 128), (32, 64, 64), (64, 128, 32), (128, 256, 16)] {
        let name = format!("{inputs}-{outputs} {side}x{side} batch 32");
        layer(c, &format!("conv k4 s2 {name}"), &[32, inputs, side, side], |params| {
            let conv = Conv2d::new(params, "conv", (inputs, outputs), 4, half).expect("new names");
            Box::new(move |x| conv.forward_relu(x))
        });
        layer(c, &format!("transposed k4 s2 {name}"), &[32, outputs, side / 2, side / 2], |params| {
            let size = (side, side);
            let conv = ConvTranspose2d::new(params, "conv", (outputs, inputs), 4, half, size).expect("new names");
            Box::new(move |x| conv.forward_relu(x))
        });
    }
    layer(c, "conv k3 64-128 64x64 batch 16", &[16, 64, 64, 64], |params| {
        let conv = Conv2d::new(params, "conv", (64, 128), 3, same).expect("new names");
        Box::new(move |x| conv.forward(x))
    });
    layer(c, "batch norm, relu, max pool 64x64x64 batch 16", &[16, 64, 64, 64], |params| {
        let norm = BatchNorm::new(params, "norm", 64).expect("new names");
        Box::new(move |x| max_pool2(&norm.train(x, true)?))
    });
    layer(c, "group norm, silu 64x32x32 batch 32", &[32, 64, 32, 32], |params| {
        let norm = GroupNorm::new(params, "norm", 64).expect("new names");
        Box::new(move |x| norm.forward(x, Some(Activation::Silu)))
    });
    layer(c, "linear 500-512 batch 128", &[128, 500], |params| {
        let linear = Linear::new(params, "linear", 500, 512).expect("new names");
        Box::new(move |x| linear.forward_relu(x))
    });
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = steps, contrasts, layers }
criterion_main!(benches);
