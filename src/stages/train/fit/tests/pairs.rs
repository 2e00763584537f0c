//! Trainings that tell tracks apart: what is learnt, that it is repeatable, and that a stopped one goes on to the same bits.

use super::*;
use crate::model::Kind;

const CLIPS: usize = 3;

/// Maps of 8 bins and 12 frames: each track has a band of its own that is loud in all its clips.
fn clips(tracks: usize) -> Array2<f32> {
    let noise = Stream::new(5, "clips").normals(tracks * CLIPS * 96);
    Array2::from_shape_fn((tracks * CLIPS, 96), |(row, at)| {
        let band = (at / 12 + row / CLIPS).is_multiple_of(4) || (at / 12) % 7 == (row / CLIPS) % 7;
        0.5 * noise[row * 96 + at] + if band { 2.0 } else { 0.0 }
    })
}

fn model(kind: &str) -> Kind {
    #[derive(serde::Deserialize)]
    struct File {
        model: Kind,
    }
    let text = "embedding = 8\nprojection = 6\nencoder.conv.channels = [4, 8]\naugment = { gain = {}, noise = {} }";
    toml::from_str::<File>(&format!("[model.{kind}]\n{text}")).unwrap().model
}

fn tracks(rows: ArrayView2<'_, f32>, first: usize) -> Tracks<'_> {
    let count = rows.nrows() / CLIPS;
    let clips = (0..count).map(|track| track * CLIPS..(track + 1) * CLIPS).collect();
    let groups = (first..first + count).map(|track| track as u32 / 2).collect();
    Tracks { rows, clips, groups, labels: (first..first + count).map(|track| Some(track as u32 % 4)).collect() }
}

fn train(
    model: &Kind,
    (learned, held_out): (usize, usize),
    schedule: &Schedule,
    from: Option<Checkpoint>,
    watch: &mut Watch,
) -> Result<Fitted, TrainError> {
    let rows = clips(learned + held_out);
    let mut params = Params::new(7, &Device::Cpu);
    let network = model.build(InputShape::Map { channels: 1, bins: 8, frames: 12 }.into(), &mut params)?;
    let (train, val) =
        (tracks(rows.slice(s![..learned * CLIPS, ..]), 0), tracks(rows.slice(s![learned * CLIPS.., ..]), learned));
    fit_pairs(&Pairing { network: network.as_ref(), params: &params, train, val, schedule, seed: 7 }, from, watch)
}

fn whole(model: &Kind, sides: (usize, usize), schedule: &Schedule) -> Fitted {
    train(model, sides, schedule, None, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn tracks_are_told_apart_and_the_record_says_how_far() {
    let fitted = whole(&model("simclr"), (24, 12), &Schedule { batch: 12, ..steps(240) });
    let ends: Vec<&Row> = fitted.history.iter().filter(|row| row.split == Split::Val).collect();
    let (first, last) = (ends[0], ends[ends.len() - 1]);
    assert!(last.normalised_loss.unwrap() < 0.5 && last.loss < first.loss, "{first:?} {last:?}");
    assert!(last.recon.is_none() && last.mse.is_none() && last.kl.is_none() && last.active_units > 0);
    let asked = ends.iter().filter(|row| row.knn.is_some() && row.probe.is_some()).count();
    assert_eq!((ends.len(), asked), (60, 10), "labels are asked for at every sixth record");
}

#[test]
fn a_stopped_training_goes_on_to_the_same_bits_on_any_number_of_threads() {
    for kind in ["simclr", "moco", "vicreg", "byol"] {
        let (model, schedule) = (model(kind), Schedule { batch: 6, ..steps(9) });
        let once = told(&whole(&model, (10, 4), &schedule));
        for kill in [1, 4] {
            let mut kept = None;
            let mut watch = |at: &At| {
                kept = (at.done == kill).then(|| at.checkpoint().unwrap().save().unwrap());
                if kept.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            train(&model, (10, 4), &schedule, None, &mut watch).unwrap_err();
            let from = Checkpoint::load(&kept.unwrap()).unwrap();
            let resumed = train(&model, (10, 4), &schedule, Some(from), &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(told(&resumed), once, "{kind} stopped after step {kill}");
        }
        for threads in [1, 2, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| told(&whole(&model, (10, 4), &schedule))), once, "{kind} on {threads} threads");
        }
    }
}

#[test]
fn one_track_cannot_be_told_apart_and_nothing_held_out_is_no_trouble() {
    let model = model("simclr");
    let refused = train(&model, (1, 0), &steps(3), None, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(refused, TrainError::FewTracks { found: 1 }) && refused.to_string().contains("two at least"));
    // Two held-out tracks of one group are not compared: that says as little.
    for held_out in [0, 2] {
        let bare = whole(&model, (6, held_out), &steps(3));
        assert_eq!((bare.history.len(), bare.best_step), (3, 3));
    }
    let refused = whole_of_vae(&steps(3));
    assert!(matches!(refused, TrainError::NoPairs));
}

/// A network that decodes does not learn from pairs.
fn whole_of_vae(schedule: &Schedule) -> TrainError {
    let vae = Vae { backbone: mlp(&[8]), ..Vae::default() };
    let (rows, mut params) = (clips(4), Params::new(7, &Device::Cpu));
    let network = vae.build(InputShape::Vector(96).into(), &mut params).unwrap();
    let (train, val) = (tracks(rows.view(), 0), tracks(rows.slice(s![..0, ..]), 4));
    let pairing = Pairing { network: network.as_ref(), params: &params, train, val, schedule, seed: 7 };
    fit_pairs(&pairing, None, &mut |_| ControlFlow::Continue(())).unwrap_err()
}
