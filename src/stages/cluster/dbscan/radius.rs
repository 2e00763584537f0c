//! The radius of a neighbourhood: given, or read from the knee of the sorted distances to the `min_samples`-th point.
//! Ester et al. (1996), section 4.2; the knee by Satopää, Albrecht, Irwin, Raghavan, "Finding a 'Kneedle' in a haystack"
//! (2011): with both axes scaled to [0, 1], where the curve lies farthest below its diagonal.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use super::ClusterError;
use crate::stats::neighbours::{Screen, nearest_of};

const KNEE: &str = "knee";

/// The radius; in TOML `eps = "knee"` or `eps = 0.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Radius {
    /// The knee of the curve.
    #[default]
    Knee,
    /// This distance.
    Fixed(f64),
}

impl Radius {
    /// # Errors
    /// `Setting` if it is not a distance above 0.
    pub fn check(self) -> Result<(), ClusterError> {
        match self {
            Radius::Fixed(value) if !(value > 0.0 && value.is_finite()) => {
                Err(ClusterError::Setting { setting: "eps", value, wanted: "a distance above 0, or \"knee\"" })
            }
            _ => Ok(()),
        }
    }
}

/// The sorted distances of all points to their `min_samples`-th point, themselves counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// `[points]`, rising.
    pub distances: Vec<f64>,
    /// The distance at the knee: most points lie nearer to their neighbours, those after the knee are the sparse ones.
    pub knee: f64,
}

impl Curve {
    /// The curve of some points.
    pub fn new(screen: &Screen, min_samples: usize) -> Curve {
        let near = nearest_of(screen, min_samples.saturating_sub(1));
        let farthest = |row: usize| if near.k == 0 { 0.0 } else { near.squared[(row + 1) * near.k - 1].sqrt() };
        let mut distances: Vec<f64> = (0..screen.len()).map(farthest).collect();
        distances.sort_by(f64::total_cmp);
        let knee = knee(&distances);
        Curve { distances, knee }
    }
}

/// The value of a rising curve where it lies farthest below its diagonal; of equal places the first. 0 of no values.
pub fn knee(rising: &[f64]) -> f64 {
    let (Some(first), Some(last)) = (rising.first(), rising.last()) else { return 0.0 };
    let (span, steps) = (last - first, (rising.len() - 1) as f64);
    let below = |(at, value): (usize, &f64)| at as f64 * span - (value - first) * steps;
    let depths = rising.iter().enumerate().map(|(at, value)| (below((at, value)), *value));
    depths.fold((f64::NEG_INFINITY, *last), |best, place| if place.0 > best.0 { place } else { best }).1
}

impl Serialize for Radius {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Radius::Knee => to.serialize_str(KNEE),
            Radius::Fixed(eps) => to.serialize_f64(*eps),
        }
    }
}

impl<'de> Deserialize<'de> for Radius {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Radius, D::Error> {
        from.deserialize_any(RadiusVisitor)
    }
}

struct RadiusVisitor;

impl Visitor<'_> for RadiusVisitor {
    type Value = Radius;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("\"knee\" or a distance")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Radius, E> {
        if text == KNEE { Ok(Radius::Knee) } else { Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)) }
    }

    fn visit_f64<E: Error>(self, eps: f64) -> Result<Radius, E> {
        Ok(Radius::Fixed(eps))
    }

    fn visit_i64<E: Error>(self, eps: i64) -> Result<Radius, E> {
        Ok(Radius::Fixed(eps as f64))
    }

    fn visit_u64<E: Error>(self, eps: u64) -> Result<Radius, E> {
        Ok(Radius::Fixed(eps as f64))
    }
}

impl JsonSchema for Radius {
    fn schema_name() -> Cow<'static, str> {
        "Radius".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A distance above 0, or \"knee\" for the knee of the sorted distances to the min_samples-th point",
            "anyOf": [{ "const": KNEE }, { "type": "number", "exclusiveMinimum": 0 }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, serde::Serialize)]
    struct Table {
        eps: Radius,
    }

    fn read(text: &str) -> Result<Radius, toml::de::Error> {
        toml::from_str::<Table>(text).map(|table| table.eps)
    }

    #[test]
    fn a_word_or_a_number_is_read_and_written_back() {
        for text in ["eps = \"knee\"\n", "eps = 0.5\n"] {
            assert_eq!(toml::to_string(&Table { eps: read(text).expect("valid") }).expect("writes"), text);
        }
        assert_eq!(read("eps = 2"), Ok(Radius::Fixed(2.0)));
        let message = read("eps = \"elbow\"").expect_err("invalid").to_string();
        assert!(message.contains("\"knee\" or a distance"), "{message}");
    }

    #[test]
    fn a_radius_is_above_zero() {
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Radius::Fixed(value).check().is_err(), "{value}");
        }
        assert_eq!((Radius::Fixed(1e-9).check(), Radius::Knee.check()), (Ok(()), Ok(())));
    }

    #[test]
    fn the_knee_is_where_the_curve_turns_up() {
        assert_eq!(knee(&[1.0, 1.1, 1.2, 1.3, 1.4, 5.0, 9.0]), 1.4);
        assert_eq!((knee(&[]), knee(&[3.0]), knee(&[2.0, 2.0, 2.0])), (0.0, 3.0, 2.0));
    }

    #[test]
    fn the_curve_counts_the_point_itself() {
        let screen = Screen::new(ndarray::array![[0.0], [1.0], [3.0]].view());
        assert_eq!(Curve::new(&screen, 2).distances, [1.0, 1.0, 2.0]);
        assert_eq!(Curve::new(&screen, 1).distances, [0.0; 3]);
        assert_eq!(Curve::new(&screen, 99).distances, [2.0, 3.0, 3.0]);
    }
}
