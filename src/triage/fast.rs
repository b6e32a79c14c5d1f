//! The fast pass: a linear model over words, pairs of words and runs of four letters, some microseconds a message. Its
//! numbers stand in `assets/model/fast.bin`, which `amicable model train` writes. Knows no thresholds.
//!
//! The file: the mark, then for each question a little-endian `f32` scale and `f32` bias, then [`ROOMS`] times one `i8`
//! for each question.

use super::passage::Words;

pub(super) mod fit;

/// Begins the file.
const MARK: &[u8] = b"AMICFST1";
/// Features are spread over so many rooms by their hash; what falls together shares its weight. A power of two.
const ROOMS: usize = 1 << 17;
/// The four concerns in the order of [`super::Concern::QUESTIONS`], and whether a client writes.
pub(super) const QUESTIONS: usize = 5;
/// Letters of a run.
const RUN: usize = 4;

/// The linear model.
#[derive(Clone)]
pub(super) struct Fast {
    scales: [f32; QUESTIONS],
    bias: [f32; QUESTIONS],
    /// For each room, one number a question.
    weights: Vec<[i8; QUESTIONS]>,
}

impl std::fmt::Debug for Fast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fast").field("bias", &self.bias).finish_non_exhaustive()
    }
}

impl Fast {
    /// The model in a file; what is wrong with the file where it is none.
    pub fn load(file: &[u8]) -> Result<Self, String> {
        let rest = file.strip_prefix(MARK).ok_or("it is no fast model")?;
        let (head, numbers) = rest.split_at_checked(8 * QUESTIONS).ok_or("it ends too early")?;
        let mut floats = head.chunks_exact(4).map(|four| match four {
            &[a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
            _ => f32::NAN,
        });
        let mut take = || std::array::from_fn(|_| floats.next().unwrap_or(f32::NAN));
        let (scales, bias): ([f32; QUESTIONS], [f32; QUESTIONS]) = (take(), take());
        let (rows, left) = numbers.as_chunks::<QUESTIONS>();
        if rows.len() != ROOMS || !left.is_empty() || scales.iter().chain(&bias).any(|n| !n.is_finite()) {
            return Err("its size is not that of a fast model".to_owned());
        }
        let weights = rows.iter().map(|row| row.map(u8::cast_signed)).collect();
        Ok(Self { scales, bias, weights })
    }

    /// The file of this model.
    pub fn file(&self) -> Vec<u8> {
        let mut file = MARK.to_vec();
        for float in self.scales.iter().chain(&self.bias) {
            file.extend(float.to_le_bytes());
        }
        file.extend(self.weights.iter().flatten().map(|number| number.cast_unsigned()));
        file
    }

    /// One number for each question, in log-odds as far as this model can tell.
    pub fn read(&self, words: &Words) -> [f32; QUESTIONS] {
        let mut sums = [0i32; QUESTIONS];
        let mut count = 0u16;
        for_each_feature(words, |room| {
            count = count.saturating_add(1);
            for (sum, weight) in sums.iter_mut().zip(&self.weights[room]) {
                *sum += i32::from(*weight);
            }
        });
        let norm = norm(count);
        std::array::from_fn(|q| {
            #[expect(clippy::cast_precision_loss, reason = "sums of some thousand small numbers are exact")]
            let sum = sums[q] as f32;
            sum * self.scales[q] * norm + self.bias[q]
        })
    }
}

/// Each feature counts less the more there are, so that a long mail is not surer than a short one.
fn norm(count: u16) -> f32 {
    1.0 / f32::from(count.max(1)).sqrt()
}

/// Calls `take` with the room of each feature of the text.
fn for_each_feature(words: &Words, mut take: impl FnMut(usize)) {
    features_of(&words.subject, 0x5375_626a, &mut take);
    features_of(&words.body, 0, &mut take);
}

/// `salt` tells the words of the subject from those of the body; the runs of letters are shared.
fn features_of(text: &str, salt: u64, take: &mut impl FnMut(usize)) {
    let mut before: u64 = 0x0062_6567_696e;
    let mut word: Vec<u8> = Vec::with_capacity(32);
    let mut end = |word: &mut Vec<u8>, take: &mut dyn FnMut(usize)| {
        if word.is_empty() {
            return;
        }
        let hash = word.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        take(room(hash ^ salt));
        take(room(before.wrapping_mul(31) ^ hash.rotate_left(17) ^ salt));
        before = hash;
        if word.len() >= RUN {
            word.insert(0, b'<');
            word.push(b'>');
            for run in word.windows(RUN) {
                let run = run.iter().fold(7, |hash: u64, &byte| (hash << 8) ^ u64::from(byte));
                take(room(run ^ 0x7275_6e00_0000_0000));
            }
        }
        word.clear();
    };
    for &byte in text.as_bytes() {
        match byte {
            b'0'..=b'9' => word.push(b'0'),
            b'a'..=b'z' | b'\'' | 0x80.. => word.push(byte),
            b'A'..=b'Z' => word.push(byte.to_ascii_lowercase()),
            b'?' | b'!' | b'$' | b'%' => {
                end(&mut word, take);
                word.push(byte);
                end(&mut word, take);
            }
            _ => end(&mut word, take),
        }
    }
    end(&mut word, take);
}

/// The room of a hash (the finaliser of splitmix64, Steele et al. 2014).
fn room(hash: u64) -> usize {
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((mixed ^ (mixed >> 31)) & (ROOMS as u64 - 1)).unwrap_or_default()
}
