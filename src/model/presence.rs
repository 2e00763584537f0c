//! Which values of a row are there. One that is not is NaN: nobody heard the song, or it has no words.

use std::ops::Range;

use candle_core::{Result, Tensor};

/// Values, and where they are known.
pub struct Seen {
    /// The values, 0 where there is none.
    pub values: Tensor,
    /// 1 where there is a value, 0 where there is none; of the same shape.
    pub there: Tensor,
}

impl Seen {
    /// Of values of any shape.
    pub fn of(x: &Tensor) -> Result<Seen> {
        // NaN is the one number that is not itself.
        let there = x.eq(x)?;
        let values = there.where_cond(x, &x.zeros_like()?)?;
        Ok(Seen { values, there: there.to_dtype(x.dtype())? })
    }

    /// Some columns of `[rows, columns]`.
    pub fn columns(&self, columns: &Range<usize>) -> Result<Seen> {
        let cut = |x: &Tensor| x.narrow(1, columns.start, columns.len())?.contiguous();
        Ok(Seen { values: cut(&self.values)?, there: cut(&self.there)? })
    }

    /// How many values there are.
    pub fn count(&self) -> Result<f64> {
        let rows: Vec<f32> = self.there.flatten_from(1)?.sum(1)?.to_vec1()?;
        Ok(rows.into_iter().map(f64::from).sum())
    }

    /// `[rows, 1]`: 1 for rows of which there is any value.
    pub fn rows(&self) -> Result<Tensor> {
        self.there.flatten_from(1)?.max_keepdim(1)
    }
}

/// The columns of blocks of the given widths, side by side.
pub fn columns(widths: &[usize]) -> Vec<Range<usize>> {
    let ends = widths.iter().scan(0, |end, width| {
        *end += width;
        Some(*end)
    });
    ends.zip(widths).map(|(end, width)| end - width..end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn what_is_not_there_is_zero_and_not_counted() {
        let x = [1.0, f32::NAN, 0.0, f32::NAN, f32::NAN, 2.0];
        let seen = Seen::of(&Tensor::from_slice(&x, (2, 3), &Device::Cpu).unwrap()).unwrap();
        assert_eq!(seen.values.to_vec2::<f32>().unwrap(), [[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]]);
        assert_eq!(seen.there.to_vec2::<f32>().unwrap(), [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]);
        let first = seen.columns(&(0..2)).unwrap();
        assert_eq!((seen.count().unwrap(), first.count().unwrap()), (3.0, 1.0));
        assert_eq!(first.rows().unwrap().to_vec2::<f32>().unwrap(), [[1.0], [0.0]]);
    }

    #[test]
    fn blocks_stand_side_by_side() {
        assert_eq!(columns(&[2, 1, 4]), [0..2, 2..3, 3..7]);
        assert!(columns(&[]).is_empty());
    }
}
