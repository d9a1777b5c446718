// Package jobs does the long work: short River jobs (generation of missing responses) that are enqueued in the
// transaction that causes them, and training runs, which a worker owns through a lease in Postgres.
//
// A run's life: Launch validates a request and stores it → an Owner claims it (owner, fence, heartbeat) → a session
// loads its inputs, restores its newest state and advances it step by step → every checkpoint interval the state goes
// to content-addressed artifacts, then one transaction, checked against the fence, moves the run's pointer and stores
// the metrics since. Whatever dies in between costs one interval: the next owner goes on from the last pointer.
package jobs
