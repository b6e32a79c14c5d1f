//! A small BERT encoder (six layers of 384 numbers) with its answers on top: pieces of words to one number for each
//! question, computed on the kernels of `rten-gemm`. Knows no words and no thresholds.
//!
//! The weights are whole numbers of 7 bits (-63..=63) with a scale for each row, the embeddings of 8. Seven bits,
//! because the kernels for AVX2 without VNNI add pairs of products in 16 bits and would saturate with eight. What goes
//! into a layer is made whole numbers of 8 bits token by token. Where the machine has no kernel for whole numbers, the
//! weights are made 32-bit floats at loading.
//!
//! The file: the mark, six little-endian `u32` (layers, vocabulary, width, positions, inner width, answers), then the
//! numbers in the order in which [`Encoder::load`] takes them. `training/` writes it.

use std::mem::MaybeUninit;

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::{SimdOp as _, SimdUnaryOp as _};
use rten_tensor::{Matrix, NdTensor, NdTensorView, prelude::*};
use rten_vecmath::{Gelu, MinMax, Normalize, NormalizeOptions, Quantize, Softmax, Sum, SumSquareSub};

/// Begins the file.
const MARK: &[u8] = b"AMICENC1";
/// Numbers of one attention head, in all encoders of this family.
const HEAD: usize = 32;
/// Layer normalisation divides by no less.
const EPSILON: f32 = 1e-12;

/// The encoder with its weights.
pub(super) struct Encoder {
    size: Size,
    words: Table,
    positions: Table,
    norm: Norm,
    layers: Vec<Layer>,
    answers: Vec<f32>,
    answer_bias: Vec<f32>,
}

/// The kernels that suit this machine. They can't be sent between threads, so each thread has its own.
struct Kernels {
    floats: GemmExecutor<f32, f32, f32>,
    bytes: GemmExecutor<u8, i8, i32>,
}

thread_local! {
    static KERNELS: Kernels = Kernels { floats: GemmExecutor::new(), bytes: GemmExecutor::new() };
}

/// What the encoder makes of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoding {
    /// The mean of all tokens halfway up, where near still means near in topic: above, texts with the same answers are
    /// drawn together (measured: `docs/evaluation.md`).
    pub sense: Vec<f32>,
    /// One number for each question, in log-odds.
    pub answers: Vec<f32>,
    /// The share of each token in each answer: `tokens[t][q]`. With the bias they sum up to the answer.
    pub shares: Vec<Vec<f32>>,
}

#[derive(Debug, Clone, Copy)]
struct Size {
    width: usize,
    vocabulary: usize,
    positions: usize,
}

/// Rows of whole numbers, each with its scale.
struct Table {
    scales: Vec<f32>,
    numbers: Vec<i8>,
}

/// Scale and shift of a layer normalisation.
struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

/// A matrix with its bias: `outputs` rows of `inputs` numbers.
struct Linear {
    weights: Weights,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

enum Weights {
    /// With the scale of each row and the sum of its weights.
    Bytes(PackedBMatrix<i8>, Vec<f32>, Vec<f32>),
    Floats(PackedBMatrix<f32>),
}

struct Layer {
    attention: Linear,
    mixed: Linear,
    norm: Norm,
    inner: Linear,
    outer: Linear,
    last_norm: Norm,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Encoder {
    /// The encoder in a file; what is wrong with the file where it is none.
    pub fn load(file: &[u8]) -> Result<Self, String> {
        KERNELS.with(|kernels| {
            let whole = !kernels.bytes.kernel_name().starts_with("generic");
            Self::load_with(file, kernels, whole)
        })
    }

    /// With weights as whole numbers or as floats.
    fn load_with(file: &[u8], kernels: &Kernels, whole: bool) -> Result<Self, String> {
        // The kernels would share their work out among all cores; here each thread has a message of its own,
        // which takes less time in all. It is set once for the process; if it was set before, that is well too.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
        let mut file = File { rest: file.strip_prefix(MARK).ok_or("it is no encoder")? };
        let [layers, vocabulary, width, positions, inner, answers] = file.sizes()?;
        let fits = width % HEAD == 0 && width > 0 && positions > 2 && vocabulary > 102;
        if !fits {
            return Err("its sizes are none of an encoder".to_owned());
        }
        let table = |file: &mut File, rows: usize| -> Result<Table, String> {
            Ok(Table { scales: file.floats(rows)?, numbers: file.numbers(rows, width)? })
        };
        let norm = |file: &mut File| -> Result<Norm, String> {
            Ok(Norm { scale: file.floats(width)?, shift: file.floats(width)? })
        };
        let linear = |file: &mut File, outputs: usize, inputs: usize| {
            Linear::take(file, outputs, inputs, kernels, whole)
        };
        let words = table(&mut file, vocabulary)?;
        let places = table(&mut file, positions)?;
        let first_norm = norm(&mut file)?;
        let mut stack = Vec::new();
        for _ in 0..layers {
            stack.push(Layer {
                attention: linear(&mut file, 3 * width, width)?,
                mixed: linear(&mut file, width, width)?,
                norm: norm(&mut file)?,
                inner: linear(&mut file, inner, width)?,
                outer: linear(&mut file, width, inner)?,
                last_norm: norm(&mut file)?,
            });
        }
        let weights = file.floats(answers * width)?;
        let answer_bias = file.floats(answers)?;
        if !file.rest.is_empty() {
            return Err("there is more in it than an encoder".to_owned());
        }
        Ok(Self {
            size: Size { width, vocabulary, positions },
            words,
            positions: places,
            norm: first_norm,
            layers: stack,
            answers: weights,
            answer_bias,
        })
    }

    /// Reads tokens, at least one; what is more than it has positions for, or unknown, is left out.
    pub fn read(&self, tokens: &[u32]) -> Encoding {
        KERNELS.with(|kernels| self.read_with(tokens, kernels))
    }

    fn read_with(&self, tokens: &[u32], kernels: &Kernels) -> Encoding {
        let width = self.size.width;
        let mut states = self.embed(tokens);
        let count = states.len() / width;
        let mut sense = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            if number == self.layers.len() / 2 {
                sense = mean(&states, width);
            }
            let mixed = self.attend(layer, &states, count, kernels);
            let mixed = layer.mixed.apply(&mixed, kernels);
            add(&mut states, &mixed);
            layer.norm.apply(&mut states);
            let mut inner = layer.inner.apply(&states, kernels);
            Gelu {}.map_mut(&mut inner);
            let outer = layer.outer.apply(&inner, kernels);
            add(&mut states, &outer);
            layer.last_norm.apply(&mut states);
        }
        self.answer(&states, sense)
    }

    fn embed(&self, tokens: &[u32]) -> Vec<f32> {
        let Size { width, vocabulary, positions } = self.size;
        let known =
            tokens.iter().filter_map(|&token| usize::try_from(token).ok().filter(|&t| t < vocabulary));
        let mut states = Vec::with_capacity(tokens.len().min(positions) * width);
        for (place, token) in known.take(positions).enumerate() {
            let (word, word_scale) = self.words.row(token, width);
            let (position, scale) = self.positions.row(place, width);
            states.extend(
                word.iter().zip(position).map(|(&w, &p)| f32::from(w) * word_scale + f32::from(p) * scale),
            );
        }
        self.norm.apply(&mut states);
        states
    }

    /// Each token looks at all tokens, with several heads.
    fn attend(&self, layer: &Layer, states: &[f32], count: usize, kernels: &Kernels) -> Vec<f32> {
        let width = self.size.width;
        let all = layer.attention.apply(states, kernels);
        let all = NdTensorView::from_data([count, 3 * width], &all[..]);
        let alpha = 1.0 / 32f32.sqrt();
        let mut mixed = vec![0.0; count * width];
        let mut looks = vec![0.0; count * count];
        let mut seen = vec![0.0; count * HEAD];
        for head in (0..width).step_by(HEAD) {
            let part = |of: usize| all.slice((.., of * width + head..of * width + head + HEAD));
            let options = GemmOptions { alpha, ..GemmOptions::default() };
            let (query, key) = (GemmInputA::Unpacked(part(0)), part(1).transposed());
            let fits = kernels.floats.gemm(&mut looks, query, GemmInputB::Unpacked(key), options);
            fits.expect("the sizes come from one shape");
            for row in looks.chunks_exact_mut(count) {
                Softmax::new_mut(row).dispatch();
            }
            let rows = GemmInputA::Unpacked(Matrix::from_data([count, count], &looks[..]));
            let values = GemmInputB::Unpacked(part(2));
            let fits = kernels.floats.gemm(&mut seen, rows, values, GemmOptions::default());
            fits.expect("the sizes come from one shape");
            for (to, from) in mixed.chunks_exact_mut(width).zip(seen.chunks_exact(HEAD)) {
                to[head..head + HEAD].copy_from_slice(from);
            }
        }
        mixed
    }

    fn answer(&self, states: &[f32], sense: Vec<f32>) -> Encoding {
        let width = self.size.width;
        let pooled = mean(states, width);
        let part = share_of(states.len() / width);
        let shares = states
            .chunks_exact(width)
            .map(|token| self.answers.chunks_exact(width).map(|weights| dot(weights, token) * part).collect())
            .collect();
        let each = self.answers.chunks_exact(width).zip(&self.answer_bias);
        let answers = each.map(|(weights, bias)| dot(weights, &pooled) + bias).collect();
        Encoding { sense, answers, shares }
    }
}

impl Table {
    fn row(&self, number: usize, width: usize) -> (&[i8], f32) {
        (&self.numbers[number * width..(number + 1) * width], self.scales[number])
    }
}

impl Norm {
    fn apply(&self, states: &mut [f32]) {
        let width = self.scale.len();
        let count = to_float(i32::try_from(width).unwrap_or(i32::MAX));
        for token in states.chunks_exact_mut(width) {
            let mean = Sum::new(token).dispatch() / count;
            let variance = SumSquareSub::new(token, mean).dispatch() / count;
            let options = NormalizeOptions {
                pre_scale_bias: mean,
                scale: 1.0 / (variance + EPSILON).sqrt(),
                element_scale: Some(&self.scale),
                element_bias: Some(&self.shift),
                bias: 0.0,
            };
            Normalize::new_mut(token, options).dispatch();
        }
    }
}

impl Linear {
    fn take(
        file: &mut File,
        outputs: usize,
        inputs: usize,
        kernels: &Kernels,
        whole: bool,
    ) -> Result<Self, String> {
        let scales = file.floats(outputs)?;
        let numbers = file.numbers(outputs, inputs)?;
        let bias = file.floats(outputs)?;
        let weights = if whole {
            let rows = numbers.chunks_exact(inputs).zip(&scales);
            let sums = rows.map(|(row, scale)| to_float(row.iter().map(|&n| i32::from(n)).sum()) * scale);
            let sums = sums.collect();
            let matrix = NdTensor::from_data([outputs, inputs], numbers);
            Weights::Bytes(kernels.bytes.prepack_b(matrix.transposed()), scales, sums)
        } else {
            let rows = numbers.chunks_exact(inputs).zip(&scales);
            let values: Vec<f32> =
                rows.flat_map(|(row, scale)| row.iter().map(move |&n| f32::from(n) * scale)).collect();
            let matrix = NdTensor::<f32, 2>::from_data([outputs, inputs], values);
            Weights::Floats(kernels.floats.prepack_b(matrix.transposed()))
        };
        Ok(Self { weights, bias, inputs, outputs })
    }

    fn apply(&self, inputs: &[f32], kernels: &Kernels) -> Vec<f32> {
        let count = inputs.len() / self.inputs;
        match &self.weights {
            Weights::Floats(packed) => {
                let mut out = vec![0.0; count * self.outputs];
                let rows = GemmInputA::Unpacked(Matrix::from_data([count, self.inputs], inputs));
                let options =
                    GemmOptions { bias: Some(BiasVector::Row(&self.bias)), ..GemmOptions::default() };
                let fits = kernels.floats.gemm(&mut out, rows, GemmInputB::Packed(packed), options);
                fits.expect("the sizes come from one shape");
                out
            }
            Weights::Bytes(packed, scales, sums) => {
                let whole = WholeRows::of(inputs, self.inputs);
                let mut products = vec![0; count * self.outputs];
                let rows = GemmInputA::Unpacked(Matrix::from_data([count, self.inputs], &whole.numbers[..]));
                let packed = GemmInputB::Packed(packed);
                // No zero points here: with rten-gemm 0.27.0 differing ones give wrong results from the eighth row
                // on. Subtracting the zero point times the sum of the weights afterwards is the same.
                let fits = kernels.bytes.gemm(&mut products, rows, packed, GemmOptions::default());
                fits.expect("the sizes come from one shape");
                let mut out = vec![0.0; products.len()];
                let rows = out.chunks_exact_mut(self.outputs).zip(products.chunks_exact(self.outputs));
                for ((row, products), (row_scale, zero)) in rows.zip(whole.scales.iter().zip(&whole.zeros)) {
                    let shift = row_scale * to_float(*zero);
                    let columns = products.iter().zip(sums).zip(scales.iter().zip(&self.bias));
                    for (to, ((&product, sum), (scale, bias))) in row.iter_mut().zip(columns) {
                        *to = to_float(product) * (row_scale * scale) + (bias - shift * sum);
                    }
                }
                out
            }
        }
    }
}

/// Rows of floats as whole numbers 0..=255: `float = (number - zero) * scale`, row by row.
struct WholeRows {
    numbers: Vec<u8>,
    scales: Vec<f32>,
    zeros: Vec<i32>,
}

impl WholeRows {
    fn of(rows: &[f32], width: usize) -> Self {
        let count = rows.len() / width;
        let mut whole = Self {
            numbers: Vec::with_capacity(rows.len()),
            scales: Vec::with_capacity(count),
            zeros: Vec::with_capacity(count),
        };
        let mut room = vec![MaybeUninit::new(0); width];
        for row in rows.chunks_exact(width) {
            let (low, high) = MinMax::new(row).dispatch();
            let (low, high) = (low.min(0.0), high.max(0.0));
            let scale = ((high - low) / 255.0).max(1e-20);
            let zero = to_byte(-low / scale);
            whole
                .numbers
                .extend_from_slice(Quantize::<u8>::new(row, &mut room, 1.0 / scale, zero).dispatch());
            whole.scales.push(scale);
            whole.zeros.push(i32::from(zero));
        }
        whole
    }
}

/// The mean of all tokens.
fn mean(states: &[f32], width: usize) -> Vec<f32> {
    let mut mean = vec![0.0; width];
    for token in states.chunks_exact(width) {
        add(&mut mean, token);
    }
    let part = share_of(states.len() / width);
    for number in &mut mean {
        *number *= part;
    }
    mean
}

/// What one of `count` tokens counts in a mean.
fn share_of(count: usize) -> f32 {
    1.0 / to_float(i32::try_from(count.max(1)).unwrap_or(i32::MAX))
}

fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// The scalar product, summed in eight lanes, which the compiler can do at once.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0f32; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

#[expect(
    clippy::cast_precision_loss,
    reason = "24 bits are exact for these sums but for rounding in the last place"
)]
fn to_float(number: i32) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and `as` saturates at 0 and 255"
)]
fn to_byte(number: f32) -> u8 {
    number.round() as u8
}

/// What is left of the file.
struct File<'f> {
    rest: &'f [u8],
}

impl<'f> File<'f> {
    fn take(&mut self, count: usize) -> Result<&'f [u8], String> {
        let (front, rest) = self.rest.split_at_checked(count).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(front)
    }

    fn sizes<const N: usize>(&mut self) -> Result<[usize; N], String> {
        let mut sizes = [0; N];
        for size in &mut sizes {
            let number = u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| "it ends too early")?);
            // Nothing of an encoder is as large; products of three such numbers stay countable.
            *size =
                usize::try_from(number).ok().filter(|&n| n < 1 << 20).ok_or("a size in it is too large")?;
        }
        Ok(sizes)
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, String> {
        let floats = self.take(4 * count)?.chunks_exact(4).map(|four| match four {
            &[a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
            _ => f32::NAN,
        });
        let floats: Vec<f32> = floats.collect();
        if floats.iter().all(|float| float.is_finite()) {
            Ok(floats)
        } else {
            Err("a number in it is none".to_owned())
        }
    }

    fn numbers(&mut self, rows: usize, width: usize) -> Result<Vec<i8>, String> {
        Ok(self.take(rows * width)?.iter().map(|byte| byte.cast_signed()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 64;
    const INNER: usize = 96;

    /// The file of a small encoder with made-up weights.
    fn file() -> Vec<u8> {
        let mut state = 1u32;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let mut bytes = MARK.to_vec();
        for size in [2u32, 200, 64, 32, 96, 5] {
            bytes.extend(size.to_le_bytes());
        }
        let floats = |bytes: &mut Vec<u8>, count: usize, low: f32, next: &mut dyn FnMut() -> u32| {
            for _ in 0..count {
                let number = low + f32::from(u16::try_from(next() % 1000).unwrap()) / 10_000.0;
                bytes.extend(number.to_le_bytes());
            }
        };
        let numbers = |bytes: &mut Vec<u8>, count: usize, next: &mut dyn FnMut() -> u32| {
            bytes.extend(
                (0..count).map(|_| i8::try_from(next() % 127).unwrap().wrapping_sub(63).cast_unsigned()),
            );
        };
        for rows in [200, 32] {
            floats(&mut bytes, rows, 0.01, &mut next);
            numbers(&mut bytes, rows * WIDTH, &mut next);
        }
        floats(&mut bytes, 2 * WIDTH, 0.9, &mut next);
        for _ in 0..2 {
            for (outputs, inputs) in [(3 * WIDTH, WIDTH), (WIDTH, WIDTH)] {
                floats(&mut bytes, outputs, 0.001, &mut next);
                numbers(&mut bytes, outputs * inputs, &mut next);
                floats(&mut bytes, outputs, -0.05, &mut next);
            }
            floats(&mut bytes, 2 * WIDTH, 0.9, &mut next);
            for (outputs, inputs) in [(INNER, WIDTH), (WIDTH, INNER)] {
                floats(&mut bytes, outputs, 0.001, &mut next);
                numbers(&mut bytes, outputs * inputs, &mut next);
                floats(&mut bytes, outputs, -0.05, &mut next);
            }
            floats(&mut bytes, 2 * WIDTH, 0.9, &mut next);
        }
        floats(&mut bytes, 5 * WIDTH + 5, -0.05, &mut next);
        bytes
    }

    fn near(a: &[f32], b: &[f32], most: f32) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= most)
    }

    /// A product with a naive loop over floats, for rows with different zero points: more than eight of them.
    #[test]
    fn whole_numbers_multiply_as_floats_do() {
        let encoder = Encoder::load(&file()).unwrap();
        KERNELS.with(|kernels| {
            let floats = Encoder::load_with(&file(), kernels, false).unwrap();
            let rows: Vec<f32> = (0..40 * WIDTH)
                .map(|n| {
                    to_float(i32::try_from(n * 7 % 23).unwrap()) / 10.0
                        - to_float(i32::try_from(n / WIDTH).unwrap()) / 20.0
                })
                .collect();
            let by_bytes = encoder.layers[0].attention.apply(&rows, kernels);
            let by_floats = floats.layers[0].attention.apply(&rows, kernels);
            // Of numbers up to 100.
            assert!(near(&by_bytes, &by_floats, 0.3), "{:?}\n{:?}", &by_bytes[..8], &by_floats[..8]);
        });
    }

    #[test]
    fn a_machine_without_kernels_for_whole_numbers_gives_the_same_answers() {
        let by_bytes = Encoder::load(&file()).unwrap().read(&[101, 7, 150, 3, 102, 9, 102]);
        let by_floats = KERNELS.with(|kernels| {
            Encoder::load_with(&file(), kernels, false)
                .unwrap()
                .read_with(&[101, 7, 150, 3, 102, 9, 102], kernels)
        });
        assert!(
            near(&by_bytes.answers, &by_floats.answers, 0.05),
            "{:?} {:?}",
            by_bytes.answers,
            by_floats.answers
        );
    }

    #[test]
    fn the_shares_of_the_tokens_sum_up_to_the_answer() {
        let encoder = Encoder::load(&file()).unwrap();
        let read = encoder.read(&[101, 7, 150, 3, 102, 9, 102]);
        assert_eq!(read.shares.len(), 7);
        for (q, answer) in read.answers.iter().enumerate() {
            let sum: f32 = read.shares.iter().map(|token| token[q]).sum::<f32>() + encoder.answer_bias[q];
            assert!((sum - answer).abs() < 1e-3, "{sum} {answer}");
        }
    }

    #[test]
    fn tokens_that_are_too_many_or_unknown_are_left_out() {
        let encoder = Encoder::load(&file()).unwrap();
        assert_eq!(encoder.read(&[101, 9_999, 102]), encoder.read(&[101, 102]));
        assert_eq!(encoder.read(&[101; 90]), encoder.read(&[101; 32]));
    }

    #[test]
    fn a_file_that_is_cut_anywhere_or_no_encoder_is_refused() {
        let whole = file();
        for end in (0..whole.len()).step_by(997).chain([whole.len() - 1]) {
            assert!(Encoder::load(&whole[..end]).is_err(), "{end}");
        }
        let mut more = whole.clone();
        more.push(0);
        assert!(Encoder::load(&more).unwrap_err().contains("more in it"));
        let mut odd = whole;
        odd[16..20].copy_from_slice(&63u32.to_le_bytes());
        assert!(Encoder::load(&odd).is_err());
        assert!(Encoder::load(b"GIF89a").unwrap_err().contains("no encoder"));
    }
}
