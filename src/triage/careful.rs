//! The careful reader: the encoder of `assets/model/careful.bin` with its vocabulary, loaded at the first text that
//! needs it. Knows no thresholds.

use std::sync::LazyLock;

use super::encoder::{Encoder, Encoding};
use super::passage::{Passage, Words};
use super::wordpiece::WordPiece;

/// So many pieces of words are read; what is more is cut off the end of the body. As in `training/careful.py`.
pub(super) const TOKENS: usize = 208;

static FILE: &[u8] = include_bytes!("../../assets/model/careful.bin");
static VOCABULARY: &str = include_str!("../../assets/model/vocabulary.txt");

/// The encoder and the words it knows.
#[derive(Debug)]
pub(super) struct Careful {
    encoder: Encoder,
    vocabulary: WordPiece,
}

/// The built-in reader.
pub(super) fn careful() -> &'static Careful {
    static CAREFUL: LazyLock<Careful> = LazyLock::new(|| {
        let encoder = Encoder::load(FILE).expect("the model is compiled in, and the tests load it");
        Careful { encoder, vocabulary: WordPiece::new(VOCABULARY) }
    });
    &CAREFUL
}

/// Bytes that tell one model from another without reading all 22 MB: the end of the file, with the last layer and the
/// answers.
pub(super) fn fingerprint() -> &'static [u8] {
    &FILE[FILE.len().saturating_sub(1 << 14)..]
}

impl Careful {
    /// Reads a text.
    pub fn read(&self, words: &Words) -> Encoding {
        self.encoder.read(&self.vocabulary.encode(&words.subject, &words.body, TOKENS))
    }

    /// The share of each piece of a passage in each answer, from the [`Encoding`] of all of it; with those of the
    /// marks between them, which belong to none, they sum up to the answers.
    pub fn shares(&self, passage: &Passage, encoding: &Encoding) -> Vec<Vec<f32>> {
        let mut tokens = encoding.shares.iter();
        let mut before_body = passage.subject_pieces();
        let mut shares = Vec::with_capacity(passage.pieces.len());
        let skip = |tokens: &mut std::slice::Iter<'_, Vec<f32>>, count: usize| {
            let mut sum = vec![0.0; encoding.answers.len()];
            for token in tokens.by_ref().take(count) {
                sum.iter_mut().zip(token).for_each(|(sum, share)| *sum += share);
            }
            sum
        };
        // [CLS], and the "re :" of an old subject.
        skip(&mut tokens, 1 + if passage.marks_reply() { 2 } else { 0 });
        for piece in &passage.pieces {
            if before_body == 0 {
                skip(&mut tokens, 1);
            }
            before_body = before_body.wrapping_sub(1);
            let count = self.vocabulary.encode("", piece.text(), TOKENS).len() - 3;
            shares.push(skip(&mut tokens, count));
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::super::fast::fit::probability;
    use super::*;

    /// What the training framework says of a text.
    #[derive(serde::Deserialize)]
    struct Row {
        subject: String,
        body: String,
        tokens: Vec<u32>,
        answers: [f32; 5],
    }

    /// `training/fixtures.py` wrote them with the model that ships.
    #[test]
    fn scores_are_those_of_the_training_framework() {
        let reader = careful();
        let mut worst = (0.0f32, String::new());
        let mut count = 0;
        let rows = include_str!("../../tests/fixtures/triage/answers.jsonl").lines();
        for row in rows.map(|line| serde_json::from_str::<Row>(line).unwrap()) {
            let tokens = reader.vocabulary.encode(&row.subject, &row.body, TOKENS);
            assert_eq!(tokens, row.tokens, "{} {}", row.subject, row.body);
            let read = reader.encoder.read(&tokens);
            for (said, expected) in read.answers.iter().zip(row.answers) {
                let off = (probability(*said) - probability(expected)).abs();
                if off > worst.0 {
                    worst = (off, row.body.clone());
                }
            }
            count += 1;
        }
        println!("{count} texts, the scores differ by {:.4} at most", worst.0);
        assert!(count >= 30 && worst.0 < 0.02, "{count} texts, {worst:?}");
    }

    #[test]
    fn what_the_pieces_say_sums_up_to_the_answer() {
        let mut message = crate::mail::Message { subject: "Re: Cake".to_owned(), ..Default::default() };
        "Hello.\n\nIt was dry. Could I have the money back?".clone_into(&mut message.body.text);
        let passage = Passage::of(&super::super::reading::Reading::of(&message));
        let encoding = careful().read(&passage.words());
        let shares = careful().shares(&passage, &encoding);
        assert_eq!(shares.len(), passage.pieces.len());
        let tokens: usize =
            passage.pieces.iter().map(|p| careful().vocabulary.encode("", p.text(), TOKENS).len() - 3).sum();
        assert_eq!(encoding.shares.len(), tokens + 3 + 2, "all tokens are those of pieces, marks and `re:`");
    }
}
