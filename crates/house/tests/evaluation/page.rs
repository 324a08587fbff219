//! The page.

use std::fmt::Write as _;

use super::splits::{Count, Silence, Table};

fn percent(count: Count) -> String {
    if count.all == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * count.share()) }
}

/// The middle of the shares of all devices.
fn median(shares: impl Iterator<Item = f64>) -> f64 {
    let mut shares: Vec<f64> = shares.collect();
    shares.sort_by(f64::total_cmp);
    f64::midpoint(shares[(shares.len() - 1) / 2], shares[shares.len() / 2])
}

pub fn page(tables: &[Table], silence: &[Silence], seed: u64, splits: usize) -> String {
    let last = tables.last().expect("there is one");
    let mut page = format!(
        "# How well a baseline tells what is normal\n\n\
         Set-ups of 15 devices, some 20 of each (IoT Sentinel, 2016); EdimaxCam1 and EdimaxCam2 are of one type and \
         count as one.\nOf each device {} runs are learnt and the others checked, over {splits} random splits (seed \
         {seed}); a run of each other\ndevice is held against the same baseline. Made by `benchmarks/evaluate`, held by \
         `cargo test -p firstlight-house --test evaluation`.\n\n\
         ## Learnt on {} runs\n\
         *new*: normal runs with a finding of the grade new. *any*: with any finding but `cannot_tell`. *others*: other \
         devices' runs\nwith something new or missing. *set difference*: normal runs and others with a contact (name or \
         kind of host, protocol,\nport) that no learnt run had. *drift*: the same by the names and addresses that \
         drift-evidence 0.4.1 learns.\n\n\
         | device | new | any | others | set difference: normal, others | drift: normal, others |\n\
         |---|--:|--:|--:|--:|--:|\n",
        last.learnt, last.learnt
    );
    for row in &last.rows {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {}, {} | {}, {} |",
            row.name,
            percent(row.new),
            percent(row.any),
            percent(row.others),
            percent(row.plain[0]),
            percent(row.plain[1]),
            percent(row.drift[0]),
            percent(row.drift[1]),
        );
    }
    page.push_str(
        "\n## With fewer runs\nMedians over the devices, and the worst.\n\n\
         | runs learnt | new: median | new: worst | others: median | others: worst | set difference: median |\n\
         |--:|--:|--:|--:|--:|--:|\n",
    );
    for table in tables {
        let new = || table.rows.iter().map(|row| row.new.share());
        let others = || table.rows.iter().map(|row| row.others.share());
        let _ = writeln!(
            page,
            "| {} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % |",
            table.learnt,
            100.0 * median(new()),
            100.0 * new().fold(0.0, f64::max),
            100.0 * median(others()),
            100.0 * others().fold(1.0, f64::min),
            100.0 * median(table.rows.iter().map(|row| row.plain[0].share())),
        );
    }
    page.push_str(
        "\n## Did the estimate foretell it?\nThe share of contacts of the next runs that no learnt run had: what the \
         baseline foretold (Good–Turing, with the\nmean ends of its 95 % interval), and what came. The interval is of what \
         is to be expected: *expected in it* is how often it\nheld what came in all splits together. *Came in it* is how \
         often it held what came in the few runs of one split, which varies\nmore: with five runs of five contacts each it \
         is none or at least 4 %.\n\n\
         | device | runs learnt | foretold | came | expected in it | came in it |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for table in tables.iter().filter(|table| table.learnt > 1) {
        for row in &table.rows {
            let [estimate, low, high] = row.foretold.map(|share| 100.0 * share);
            let _ = writeln!(
                page,
                "| {} | {} | {estimate:.1} % ({low:.1}–{high:.1}) | {} | {} | {} |",
                row.name,
                table.learnt,
                percent(row.contacts),
                percent(row.expected_in_interval),
                percent(row.in_interval),
            );
        }
    }
    page.push_str(&plot(tables));
    page.push_str(
        "\n## What is missing\nContacts taken out of real runs: all but those by which it gets its address, or every \
         second one of those that all\nlearnt runs had. Found: with a finding of the grade missing. Where a device \
         always did only one thing, there is no half of it.\n\n\
         | device | silent: found | half: found |\n|---|--:|--:|\n",
    );
    for row in silence {
        let _ = writeln!(page, "| {} | {} | {} |", row.name, percent(row.silent), percent(row.half));
    }
    page
}

/// Foretold against came, each device and number of runs a mark, as text: it is to be read in a terminal as well.
fn plot(tables: &[Table]) -> String {
    const SIZE: usize = 20;
    const FULL: f64 = 0.4;
    let mut grid = vec![vec![' '; SIZE * 2 + 2]; SIZE + 1];
    for at in 0..=SIZE {
        grid[SIZE - at][at * 2] = '·';
    }
    let cell = |share: f64| ((share / FULL).min(1.0) * SIZE as f64).round() as usize;
    for table in tables.iter().filter(|table| table.learnt > 1) {
        let mark = match table.learnt {
            3 => '3',
            5 => '5',
            10 => 'x',
            _ => '#',
        };
        for row in &table.rows {
            grid[SIZE - cell(row.contacts.share())][cell(row.foretold[0]) * 2] = mark;
        }
    }
    let mut text = String::from(
        "\nAcross: foretold, 0 to 40 %; upwards: came, 0 to 40 %; on the diagonal they are the same. `3`, `5`, `x`, `#`: \
         3, 5, 10, 15 runs.\n\n```text\n",
    );
    for line in grid {
        let line: String = line.into_iter().collect();
        let _ = writeln!(text, "|{}", line.trim_end());
    }
    text.push_str(&format!("+{}\n```\n", "-".repeat(SIZE * 2 + 1)));
    text
}
