//! Work on several threads whose results come out in the order in which the pieces went in. Memory holds a bounded
//! number of pieces, however many there are. It knows nothing of mail.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::anyhow;

/// How many pieces may wait before each thread. Few, since a piece may be large: a mail with photographs has 30 MB.
/// Sixteen made no difference in time (20,000 messages of 200 bytes).
const PIECES_WAITING: usize = 2;

/// How many results may wait behind each thread, so that it need not pause while others are slower.
const RESULTS_WAITING: usize = 16;

/// Past this many threads the reading of the source is what takes the time.
const MOST_THREADS: usize = 8;

/// Takes each piece in turn from `feed`, has it worked on by `work` and hands the result to `take`. Either side ends
/// it early by `Break`. The answer is that of `feed`, or nothing where `take` ended it: `feed` may then still be
/// waiting for its source, and nobody waits for it.
pub(super) fn in_order<Piece, Made, Fed>(
    feed: impl FnOnce(&mut dyn FnMut(Piece) -> ControlFlow<()>) -> Fed + Send + 'static,
    work: impl Fn(Piece) -> Made + Send + Sync + 'static,
    mut take: impl FnMut(Made) -> ControlFlow<()>,
) -> anyhow::Result<Option<Fed>>
where
    Piece: Send + 'static,
    Made: Send + 'static,
    Fed: Send + 'static,
{
    let work = Arc::new(work);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let mut doors = Vec::new();
    let mut results = Vec::new();
    let mut workers = Vec::new();
    for _ in 0..threads {
        let (door, pieces) = sync_channel(PIECES_WAITING);
        let (made, result) = sync_channel(RESULTS_WAITING);
        let work = Arc::clone(&work);
        workers.push(thread::spawn(move || labour(&pieces, &made, &*work)));
        doors.push(door);
        results.push(result);
    }
    let feeder = thread::spawn(move || deal(feed, &doors));
    // Piece k went to thread k modulo their number, so its result is fetched from there.
    for result in results.iter().cycle() {
        let Ok(made) = result.recv() else { break };
        if take(made).is_break() {
            return Ok(None);
        }
    }
    // A thread whose results nobody takes any more must not wait for room.
    drop(results);
    for worker in workers {
        worker.join().map_err(|_| anyhow!("a fault in amicable itself: a thread broke off"))?;
    }
    let answer = feeder.join().map_err(|_| anyhow!("a fault in amicable itself: the reading broke off"))?;
    Ok(Some(answer))
}

/// Hands the pieces round the doors.
fn deal<Piece, Fed>(
    feed: impl FnOnce(&mut dyn FnMut(Piece) -> ControlFlow<()>) -> Fed,
    doors: &[SyncSender<Piece>],
) -> Fed {
    let mut turn = doors.iter().cycle();
    feed(&mut |piece| match turn.next().map(|door| door.send(piece)) {
        Some(Ok(())) => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    })
}

fn labour<Piece, Made>(pieces: &Receiver<Piece>, made: &SyncSender<Made>, work: &impl Fn(Piece) -> Made) {
    for piece in pieces {
        if made.send(work(piece)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_pieces_and_the_feeder_answers() {
        let mut seen = Vec::new();
        let feed = |give: &mut dyn FnMut(u64) -> ControlFlow<()>| {
            let _ = (0..1000).try_for_each(give);
            "all"
        };
        // Pieces that take differently long: the early ones of each round the longest.
        let work = |n: u64| (0..(1000 - n) % 7 * 1000).fold(n, |sum, _| std::hint::black_box(sum));
        let take = |n| {
            seen.push(n);
            ControlFlow::Continue(())
        };
        assert_eq!(in_order(feed, work, take).unwrap(), Some("all"));
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn taking_may_end_it_while_the_feeder_goes_on_for_ever() {
        let feed = |give: &mut dyn FnMut(()) -> ControlFlow<()>| while give(()).is_continue() {};
        assert_eq!(in_order(feed, |()| (), |()| ControlFlow::Break(())).unwrap(), None);
    }

    #[test]
    fn a_thread_that_breaks_off_is_an_error_and_not_an_early_end() {
        let feed = |give: &mut dyn FnMut(u8) -> ControlFlow<()>| {
            let _ = (0..100).try_for_each(give);
        };
        let work = |n: u8| assert!(n != 50);
        assert!(in_order(feed, work, |()| ControlFlow::Continue(())).is_err());
    }
}
