//! Joins what many tasks want of the database in the same moment into one transaction: under load one
//! commit serves them all, and alone nobody waits for anybody.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use common::store::StoreError;
use tokio::sync::{mpsc, oneshot};

/// The most wishes of one transaction.
const MOST: usize = 64;

type Wish<In, Out> = (In, oneshot::Sender<Result<Out, BatchError>>);

/// A handle to whoever joins the wishes; that ends with the last handle.
#[derive(Debug)]
pub(super) struct Batch<In, Out>(mpsc::Sender<Wish<In, Out>>);

/// Why a wish was not fulfilled. What the wishes of a batch met, each of them met.
#[derive(Debug, Clone)]
pub(super) enum BatchError {
    /// The database did not do as asked.
    Store(Arc<StoreError>),
    /// Nobody joins wishes any more.
    Ended,
}

impl<In, Out> Batch<In, Out>
where
    In: Clone + Send + Sync + 'static,
    Out: Send + 'static,
{
    /// Starts a task that runs `all` over the wishes that have come in meanwhile; it gives what each
    /// of them gets, in their order.
    pub(super) fn start<F, Fut>(all: F) -> Self
    where
        F: Fn(Vec<In>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Out>, StoreError>> + Send,
    {
        let (sender, mut wishes) = mpsc::channel::<Wish<In, Out>>(MOST);
        tokio::spawn(async move {
            let mut taken = Vec::with_capacity(MOST);
            while wishes.recv_many(&mut taken, MOST).await > 0 {
                let (wanted, tell): (Vec<In>, Vec<_>) = taken.drain(..).unzip();
                let got = fulfil(&all, wanted).await;
                for (tell, got) in tell.into_iter().zip(got) {
                    // Whoever no longer waits does not need to know.
                    drop(tell.send(got));
                }
            }
        });
        Self(sender)
    }

    /// Waits until the wish is fulfilled.
    pub(super) async fn run(&self, wish: In) -> Result<Out, BatchError> {
        let (tell, told) = oneshot::channel();
        let sent = self.0.send((wish, tell)).await;
        sent.map_err(|_| BatchError::Ended)?;
        told.await.unwrap_or(Err(BatchError::Ended))
    }
}

/// Fulfils all together; one that the database refuses does not spoil it for the others.
async fn fulfil<In, Out, F, Fut>(all: &F, wanted: Vec<In>) -> Vec<Result<Out, BatchError>>
where
    In: Clone + Send + Sync,
    F: Fn(Vec<In>) -> Fut + Sync,
    Out: Send,
    Fut: Future<Output = Result<Vec<Out>, StoreError>> + Send,
{
    let count = wanted.len();
    let error = match all(wanted.clone()).await {
        Ok(got) => return got.into_iter().map(Ok).collect(),
        Err(error) => error,
    };
    if count == 1 || !matches!(error, StoreError::Database(_)) {
        let error = BatchError::Store(Arc::new(error));
        return (0..count).map(|_| Err(error.clone())).collect();
    }
    let mut got = Vec::with_capacity(count);
    for wish in wanted {
        let one = all(vec![wish]).await;
        let one = one.map_err(|error| BatchError::Store(Arc::new(error)));
        got.push(one.and_then(|mut one| one.pop().ok_or(BatchError::Ended)));
    }
    got
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Ended => f.write_str("nobody writes to the database any more"),
        }
    }
}

impl Error for BatchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Ended => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use common::store::Store;
    use futures::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    /// What a database says to a mistake of ours.
    async fn refused() -> StoreError {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::sqlite(&folder.path().join("no-tables.db")).await;
        let error = store.unwrap().accounts().await.unwrap_err();
        assert!(matches!(error, StoreError::Database(_)), "{error:?}");
        error
    }

    /// How many wishes each batch had.
    type Sizes = Arc<Mutex<Vec<usize>>>;

    /// Doubles numbers, once it may; refuses 13.
    fn doubling() -> (Arc<Semaphore>, Sizes, Batch<u32, u32>) {
        let (gate, sizes) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::default()));
        let batch = Batch::start({
            let (gate, sizes) = (Arc::clone(&gate), Arc::clone(&sizes));
            move |wanted: Vec<u32>| {
                let (gate, sizes) = (Arc::clone(&gate), Arc::clone(&sizes));
                async move {
                    let sizes: &Mutex<Vec<usize>> = &sizes;
                    sizes.lock().unwrap().push(wanted.len());
                    drop(gate.acquire().await.unwrap());
                    if wanted.contains(&13) {
                        return Err(refused().await);
                    }
                    Ok(wanted.iter().map(|number| number * 2).collect())
                }
            }
        });
        (gate, sizes, batch)
    }

    #[tokio::test]
    async fn who_comes_while_one_is_served_is_served_together() {
        let (gate, sizes, batch) = doubling();
        let opened = async {
            while sizes.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
            gate.add_permits(1);
        };
        let (got, ()) = tokio::join!(join_all((20..40).map(|number| batch.run(number))), opened);
        let got: Vec<u32> = got.into_iter().map(Result::unwrap).collect();
        assert_eq!(got, (20..40).map(|number| number * 2).collect::<Vec<_>>());
        assert!(sizes.lock().unwrap().len() <= 3);
    }

    #[tokio::test]
    async fn one_that_is_refused_does_not_spoil_it_for_the_others() {
        let (gate, _, batch) = doubling();
        gate.add_permits(1);
        let got = join_all([1, 13, 2].map(|number| batch.run(number))).await;
        assert_eq!(got.iter().filter_map(|got| got.as_ref().ok()).count(), 2);
        assert!(matches!(got[1], Err(BatchError::Store(_))));
    }
}
