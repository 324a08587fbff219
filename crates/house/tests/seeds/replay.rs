//! Runs a target over seeds, each for itself, and says which it did not survive, or not in time.

use std::any::Any;
use std::panic::catch_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use firstlight_house::fuzz::Target;

/// Bytes for a target.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Its file, or what it is of.
    pub name: String,
    /// What the target is given.
    pub bytes: Vec<u8>,
}

/// What did not hold: `target, seed: why`. A seed that takes longer than `limit` ends the replay, for it cannot be
/// stopped.
pub fn replay(target: &Target, seeds: Vec<Seed>, limit: Duration) -> Vec<String> {
    let run = target.run;
    let (said, heard) = channel();
    let names: Vec<_> = seeds.iter().map(|seed| seed.name.clone()).collect();
    let worker = move || {
        for seed in seeds {
            let outcome = catch_unwind(|| run(&seed.bytes)).map_err(|panic| words(&*panic));
            if said.send(outcome).is_err() {
                return;
            }
        }
    };
    // As deep as the stack of a program's first thread usually is.
    thread::Builder::new().stack_size(8 << 20).spawn(worker).expect("a thread can be started");
    let mut offenders = Vec::new();
    for name in names {
        match heard.recv_timeout(limit) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => offenders.push(format!("{}, {name}: {why}", target.name)),
            Err(RecvTimeoutError::Timeout) => {
                let limit = limit.as_millis();
                let why = format!("not done after {limit} ms; the seeds behind it were not tried");
                offenders.push(format!("{}, {name}: {why}", target.name));
                return offenders;
            }
            Err(RecvTimeoutError::Disconnected) => {
                offenders.push(format!("{}, {name}: the thread is gone", target.name));
                return offenders;
            }
        }
    }
    offenders
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").lines().next().unwrap_or_default().to_owned()
}
