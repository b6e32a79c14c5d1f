//! Moments as people say them.

use jiff::{SignedDuration, Timestamp, Zoned};

/// How long ago, in a few cells: `now`, `5 min`, `3 h`, `Tue`, `3 Nov`, `Nov 25`.
pub fn age(then: Timestamp, now: &Zoned) -> String {
    let past = now.timestamp().duration_since(then);
    let zoned = then.to_zoned(now.time_zone().clone());
    if past < SignedDuration::from_secs(60) {
        "now".to_owned()
    } else if past < SignedDuration::from_hours(1) {
        format!("{} min", past.as_mins())
    } else if past < SignedDuration::from_hours(24) {
        format!("{} h", past.as_hours())
    } else if past < SignedDuration::from_hours(6 * 24) {
        zoned.strftime("%a").to_string()
    } else if zoned.year() == now.year() {
        zoned.strftime("%-d %b").to_string()
    } else {
        zoned.strftime("%b %Y").to_string()
    }
}

/// A moment in a sentence: `today 09:12`, `yesterday 16:40`, `Tue 17 Nov 16:40`, `3 May 2024 16:40`.
pub fn moment(then: Timestamp, now: &Zoned) -> String {
    let zoned = then.to_zoned(now.time_zone().clone());
    let yesterday = now.date().yesterday().ok();
    let day = if zoned.date() == now.date() {
        "today".to_owned()
    } else if Some(zoned.date()) == yesterday {
        "yesterday".to_owned()
    } else if zoned.year() == now.year() {
        zoned.strftime("%a %-d %b").to_string()
    } else {
        zoned.strftime("%-d %b %Y").to_string()
    };
    format!("{day} {}", zoned.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_as_people_say_them() {
        let now: Zoned = "2026-11-20T14:00[Europe/London]".parse().unwrap();
        let rows = [
            ("2026-11-20T13:59:30Z", "now", "today 13:59"),
            ("2026-11-20T13:55:00Z", "5 min", "today 13:55"),
            ("2026-11-20T09:12:00Z", "4 h", "today 09:12"),
            ("2026-11-19T16:40:00Z", "21 h", "yesterday 16:40"),
            ("2026-11-17T16:40:00Z", "Tue", "Tue 17 Nov 16:40"),
            // Summer time holds on that day.
            ("2026-06-03T08:00:00Z", "3 Jun", "Wed 3 Jun 09:00"),
            ("2024-05-03T08:00:00Z", "May 2024", "3 May 2024 09:00"),
        ];
        for (then, short, long) in rows {
            let then = then.parse().unwrap();
            assert_eq!((age(then, &now).as_str(), moment(then, &now).as_str()), (short, long));
        }
    }
}
