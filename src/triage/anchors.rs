//! What lessons must leave alone: some hundred messages of the corpus, each as its place in the space of senses, in
//! `assets/model/anchors.bin`, which `amicable model train` writes. Reads no message.
//!
//! The file: the mark, little-endian `u32` count and width, the mean of all senses as `f32`, then for each message a row of
//! `i8`, whose length says nothing.

use std::sync::LazyLock;

use super::encoder::dot;

/// Begins the file.
const MARK: &[u8] = b"AMICANC1";
pub(super) static FILE: &[u8] = include_bytes!("../../assets/model/anchors.bin");

/// The messages that stay as they are.
#[derive(Debug)]
pub(super) struct Anchors {
    mean: Vec<f32>,
    senses: Vec<Vec<f32>>,
}

/// The built-in ones.
pub(super) fn anchors() -> &'static Anchors {
    static ANCHORS: LazyLock<Anchors> =
        LazyLock::new(|| Anchors::load(FILE).expect("they are compiled in, and the tests load them"));
    &ANCHORS
}

impl Anchors {
    /// The anchors in a file; what is wrong with the file where it holds none.
    pub fn load(file: &[u8]) -> Result<Self, String> {
        let rest = file.strip_prefix(MARK).ok_or("it holds no anchors")?;
        let (sizes, rest) = rest.split_at_checked(8).ok_or("it ends too early")?;
        let size = |at: usize| {
            let bytes = sizes[at..at + 4].try_into().map_err(|_| "it ends too early")?;
            usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| "a size in it is too large")
        };
        let (count, width) = (size(0)?, size(4)?);
        let needed = width.checked_mul(4).zip(width.checked_mul(count));
        let (mean, rows) = match needed {
            Some((mean, rows)) if width > 0 && rest.len() == mean.saturating_add(rows) => rest.split_at(mean),
            _ => return Err("its size is not what it says".to_owned()),
        };
        let mean: Vec<f32> =
            mean.chunks_exact(4).map(|four| four.try_into().map_or(f32::NAN, f32::from_le_bytes)).collect();
        if mean.iter().any(|number| !number.is_finite()) {
            return Err("a number in it is none".to_owned());
        }
        let row = |row: &[u8]| unit(row.iter().map(|byte| f32::from(byte.cast_signed())).collect());
        Ok(Self { mean, senses: rows.chunks_exact(width).map(row).collect() })
    }

    /// The file with the anchors that these senses make, as the encoder gives them.
    pub fn file(senses: &[Vec<f32>]) -> Vec<u8> {
        let width = senses.first().map_or(0, Vec::len);
        let count = senses.iter().fold(0.0, |count: f32, _| count + 1.0).max(1.0);
        let mut mean = vec![0.0f32; width];
        for sense in senses {
            mean.iter_mut().zip(sense).for_each(|(mean, number)| *mean += number / count);
        }
        let mut file = MARK.to_vec();
        for size in [senses.len(), width] {
            file.extend(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        }
        file.extend(mean.iter().flat_map(|number| number.to_le_bytes()));
        let anchors = Self { mean, senses: Vec::new() };
        for sense in senses {
            file.extend(whole(&anchors.place(sense)).map(i8::cast_unsigned));
        }
        file
    }

    /// The place of a sense: seen from the mean of all, of length 1.
    pub fn place(&self, sense: &[f32]) -> Vec<f32> {
        unit(sense.iter().zip(&self.mean).map(|(number, mean)| number - mean).collect())
    }

    /// The places of the messages that stay as they are.
    pub fn places(&self) -> &[Vec<f32>] {
        &self.senses
    }
}

/// A vector as whole numbers, the largest of which is 127 or -127.
pub(super) fn whole(vector: &[f32]) -> impl Iterator<Item = i8> {
    let most = vector.iter().fold(1e-6f32, |most, number| most.max(number.abs()));
    #[expect(clippy::cast_possible_truncation, reason = "rounded, and `as` saturates")]
    vector.iter().map(move |number| (number / most * 127.0).round() as i8)
}

/// A vector made 1 long.
pub(super) fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = dot(&vector, &vector).sqrt().max(1e-6);
    for number in &mut vector {
        *number /= length;
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_come_back_from_their_file_and_rubbish_does_not() {
        let senses = vec![vec![1.0, 2.0, 3.0], vec![-1.0, 0.5, 2.0]];
        let file = Anchors::file(&senses);
        let anchors = Anchors::load(&file).unwrap();
        for (place, sense) in anchors.places().iter().zip(&senses) {
            assert!(dot(place, &anchors.place(sense)) > 0.999, "{place:?}");
        }
        for cut in 0..file.len() {
            assert!(Anchors::load(&file[..cut]).is_err(), "{cut}");
        }
        assert!(Anchors::load(&[file, vec![0]].concat()).is_err());
    }

    #[test]
    fn the_built_in_anchors_load() {
        assert!(anchors().places().len() >= 500, "{}", anchors().places().len());
    }
}
