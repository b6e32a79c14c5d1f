//! How long reading takes: `cargo bench`. Machines differ and are never quiet, so what counts are the ratios within one
//! run; nothing here passes or fails.

use std::hint::black_box;
use std::time::{Duration, Instant};

use amicable::mail::Message;
use amicable::parse::parse;
use amicable::triage::{Acquaintance, Choice, Depth, Engine, Settings};

/// The words of a mail of about 150 words.
const LETTER: &str = "we picked the two chairs up on Friday and they looked lovely in your workshop, but now that they \
    stand by the window I can see that the stripes on the left one run the other way, and there is a gap under the \
    seat through which the webbing shows. I have measured it, it is nearly two fingers wide. My brother, who knows a \
    little about these things, says that the cover was cut from the end of the roll and that this can't be mended \
    without taking it all off again. We have my mother's ninetieth birthday on Sunday and she was so looking forward to \
    sitting in it. Is there anything that you could do before then? I could bring it over tomorrow at any time. If it \
    can't be done I would like some of what we paid back, since it was not cheap. Please tell me what you think.";

fn main() {
    let engine = Engine::new(Settings::default());
    let fast = Engine::new(Settings { choice: Choice::Fast, ..Settings::default() });
    let letter = parse(format!("From: Ann <ann@example.org>\nSubject: The chairs\n\nDear Mr Hill,\n\n{LETTER}\n\nKind regards,\nAnn\n").as_bytes());
    let bulk = parse(
        b"From: News <news@example.org>\nSubject: Our offers this week\nList-Id: <news.example.org>\n\
          List-Unsubscribe: <https://example.org/u>\nPrecedence: bulk\n\n\
          Our spring sale is on: 20% off all chairs until Sunday. You receive this because you signed up. Unsubscribe.\n",
    );

    let start = Instant::now();
    black_box(judge(&engine, &letter, Depth::Brief));
    println!("first message, with loading     {:>9.2} ms", ms(start.elapsed()));
    let quick = each(500, || ignore(black_box(judge(&fast, &letter, Depth::Brief))));
    let settled = each(500, || ignore(black_box(judge(&engine, &bulk, Depth::Brief))));
    let brief = each(40, || ignore(black_box(judge(&engine, &letter, Depth::Brief))));
    let full = each(20, || ignore(black_box(judge(&engine, &letter, Depth::Full))));
    println!(
        "fast pass alone, 150 words      {:>9.3} ms   {:>7.0} messages a second",
        ms(quick),
        1.0 / quick.as_secs_f64()
    );
    println!(
        "bulk mail, settled              {:>9.3} ms   {:>7.0} messages a second",
        ms(settled),
        1.0 / settled.as_secs_f64()
    );
    println!(
        "careful, strongest reasons      {:>9.2} ms   {:>6.0} times the fast pass",
        ms(brief),
        brief.as_secs_f64() / quick.as_secs_f64()
    );
    println!(
        "careful, all reasons            {:>9.2} ms   {:>6.1} times the strongest alone",
        ms(full),
        full.as_secs_f64() / brief.as_secs_f64()
    );
    let plain = parse(
        format!(
            "From: Ann <ann@example.org>\nSubject: Chairs\n\n{}\n",
            LETTER.split(". ").next().unwrap_or_default()
        )
        .as_bytes(),
    );
    let short = each(60, || ignore(black_box(judge(&engine, &plain, Depth::Brief))));
    println!("careful, 50 words               {:>9.2} ms", ms(short));
}

fn judge(engine: &Engine, message: &Message, depth: Depth) -> f32 {
    engine.judge(message, Acquaintance::default(), depth).verdict.sender_score
}

/// Takes a result that only the time was wanted of.
fn ignore(_: f32) {}

/// The time of one call, the best of five rounds: what else the machine does only adds.
fn each(times: u32, mut call: impl FnMut()) -> Duration {
    let round = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..times).for_each(|_| call());
        start.elapsed() / times
    };
    (0..5).map(|_| round(&mut call)).min().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
