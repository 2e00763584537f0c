//! What all augmentations keep, looped over the table.

use super::*;
use ndarray::Array2;

pub(super) fn map() -> Array2<f32> {
    Array2::from_shape_vec((12, 20), Stream::new(3, "map").normals(240)).unwrap()
}

pub(super) fn other() -> Array2<f32> {
    Array2::from_shape_vec((12, 20), Stream::new(4, "other").normals(240)).unwrap()
}

/// `map` as `kind` leaves it, by the draw `at`.
pub(super) fn changed(kind: &dyn Augmentation, at: u64) -> Array2<f32> {
    let mut changed = map();
    kind.apply(changed.view_mut(), other().view(), &mut Stream::at(9, "augment", at));
    changed
}

fn only(kind: &str, probability: f64) -> Augment {
    toml::from_str(&format!("choose = 1\n{kind} = {{ probability = {probability:.1} }}")).unwrap()
}

fn view(augment: &Augment, at: u64) -> Array2<f32> {
    let mut view = map();
    augment.view(view.view_mut(), other().view(), &mut Stream::at(9, "view", at));
    view
}

#[test]
fn what_is_never_applied_changes_nothing_and_what_is_always_applied_something() {
    for line in Augment::TABLE {
        assert!((0..5).all(|at| view(&only(line.name, 0.0), at) == map()), "{}", line.name);
        let always = only(line.name, 1.0);
        assert!((0..5).any(|at| view(&always, at) != map()), "{}", line.name);
        assert!((0..20).all(|at| view(&always, at).iter().all(|value| value.is_finite())), "{}", line.name);
        assert_eq!(view(&always, 1), view(&always, 1), "{}", line.name);
    }
}

#[test]
fn as_many_as_are_chosen_are_applied() {
    // Reversal moves values, the gain shifts them: both, one or none can be told.
    let of = |choose| -> Augment {
        toml::from_str(&format!("choose = {choose}\nreverse = {{ probability = 1.0 }}\ngain = {{}}")).unwrap()
    };
    let told = |augment: &Augment, at| {
        let view = view(augment, at);
        let reversed = (view[[0, 0]] - view[[0, 1]]).abs() - (map()[[0, 19]] - map()[[0, 18]]).abs();
        (usize::from(reversed.abs() < 1e-5), usize::from((view.sum() - map().sum()).abs() > 1e-2))
    };
    for at in 0..20 {
        assert_eq!(told(&of(0), at), (0, 0));
        assert_eq!(told(&of(2), at), (1, 1));
        let (reversed, louder) = told(&of(1), at);
        assert_eq!(reversed + louder, 1);
    }
    assert!((0..20).any(|at| told(&of(1), at).0 == 1) && (0..20).any(|at| told(&of(1), at).1 == 1));
}

#[test]
fn the_usual_ones_come_back_from_toml() {
    let usual = Augment::usual();
    assert_eq!(toml::from_str::<Augment>(&toml::to_string(&usual).unwrap()).unwrap(), usual);
    assert_eq!(usual.chosen().len(), 8);
}

#[test]
fn maps_of_one_value_survive_all() {
    for line in Augment::TABLE {
        let mut small = Array2::from_elem((1, 1), 0.5f32);
        for at in 0..10 {
            let mut draw = Stream::at(2, "small", at);
            only(line.name, 1.0).view(small.view_mut(), Array2::zeros((1, 1)).view(), &mut draw);
            assert!(small[[0, 0]].is_finite(), "{}", line.name);
        }
    }
}
