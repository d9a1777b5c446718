package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// LeaseTask gives a member the next task: the one they hold already, else the next one of the calibration batch, else the
// next free one they have neither judged nor skipped. CodeForbidden when they are not a member, CodeNotFound when nothing
// is left or the campaign is not open; CodeUnread, CodeUnqualified and CodeUncalibrated when something else comes first.
//
// The order shown follows from the campaign's seed, the task and the user.
func (s *Store) LeaseTask(ctx context.Context, campaignID, userID int64) (ranking.Lease, ranking.Task, error) {
	var busy int64
	lease, task, err := s.leaseTask(ctx, campaignID, userID, &busy)
	if busy != 0 && err == nil {
		err = s.whileBusy(ctx, func(ctx context.Context) (again bool, err error) {
			lease, task, err = s.leaseTask(ctx, campaignID, userID, &busy)
			return busy != 0, err
		})
	}
	if err != nil {
		return ranking.Lease{}, ranking.Task{}, err
	}
	return lease, task, nil
}

// leaseTask is one try of LeaseTask. Where it finds nothing but a task that somebody is at, it names that in busy, and
// the next try waits for it; else it sets busy to 0.
func (s *Store) leaseTask(ctx context.Context, campaignID, userID int64, busy *int64) (lease ranking.Lease, task ranking.Task, err error) {
	waitFor := *busy
	*busy = 0
	// A lease that is lost with a crash of the database was nobody's work yet, so its commit need not wait for the disk.
	err = s.inTx(ctx, "lease task", relaxed, func(_ pgx.Tx, q *db.Queries) error {
		member, err := q.LockMember(ctx, db.LockMemberParams{CampaignID: campaignID, UserID: userID})
		if err != nil {
			return missing("lock member", err, notMember())
		}
		if member.Disabled {
			return notMember()
		}
		if member.LeaseID != nil {
			if lease, task, err = s.resume(ctx, q, *member.LeaseID, member, campaignID); err == nil || !noRows(err) {
				return err
			}
		}
		if member.State != string(ranking.CampaignOpen) {
			return ranking.Errorf(ranking.CodeNotFound, "the campaign is %s: it hands out no tasks", member.State)
		}
		calibrating, err := mayTake(ctx, q, member, campaignID, userID)
		if err != nil {
			return err
		}
		if member.NextLeaseID != nil {
			if lease, task, err = s.begin(ctx, q, member, campaignID, calibrating); err == nil || !noRows(err) {
				return err
			}
		}
		if calibrating {
			lease, task, err = s.leaseCalibration(ctx, q, member, campaignID, userID, false)
			return missing("take calibration task", err, notReady())
		}
		if waitFor != 0 {
			if err := q.LockTask(ctx, waitFor); err != nil {
				return err
			}
		}
		from, err := s.searchFrom(ctx, q, campaignID, userID, member.TaskCursor)
		if err != nil {
			return err
		}
		search := db.TakeTaskParams{CampaignID: campaignID, UserID: userID, AfterID: from, OptedOut: member.OptedOut}
		taken, err := s.takeTask(ctx, q, search)
		if noRows(err) {
			*busy, err = busyTask(ctx, q, search)
			return err
		}
		if err != nil {
			return err
		}
		lease, task, err = s.grant(ctx, q, member, search, taken, false)
		return err
	})
	return lease, task, err
}

// resume goes on with a live lease of a member; pgx.ErrNoRows when it has ended.
func (s *Store) resume(ctx context.Context, q *db.Queries, id int64, member db.LockMemberRow, campaignID int64) (lease ranking.Lease, task ranking.Task, err error) {
	held, err := q.ResumeLease(ctx, db.ResumeLeaseParams{ID: id, LeaseSeconds: float64(member.LeaseSeconds)})
	if err != nil {
		return lease, task, err
	}
	return s.leaseWithTask(ctx, q, held.Lease, held.Task, campaignID)
}

// grant leases a task whose place is taken.
func (s *Store) grant(ctx context.Context, q *db.Queries, member db.LockMemberRow, search db.TakeTaskParams, taken db.Task, ahead bool) (lease ranking.Lease, task ranking.Task, err error) {
	in := db.InsertLeaseParams{
		Token: rand.Text(), TaskID: taken.ID, UserID: search.UserID, CampaignID: search.CampaignID, Ahead: ahead,
		OrderShown:       shuffled(taken.ResponseIds, member.Seed, taken.ID, search.UserID),
		OrderScored:      shuffled(taken.ResponseIds, ^member.Seed, taken.ID, search.UserID),
		GuidelineVersion: member.GuidelineVersion, SchemaVersion: member.SchemaVersion, LeaseSeconds: float64(member.LeaseSeconds),
	}
	if err := s.assignProbe(ctx, q, member, search.CampaignID, taken.ID, search.UserID, &in); err != nil {
		return lease, task, err
	}
	granted, err := q.InsertLease(ctx, in)
	if err != nil {
		return lease, task, err
	}
	return s.leaseWithTask(ctx, q, db.Lease(granted), taken, search.CampaignID)
}

func (s *Store) leaseWithTask(ctx context.Context, q *db.Queries, row db.Lease, taskRow db.Task, campaignID int64) (lease ranking.Lease, task ranking.Task, err error) {
	if lease, err = s.leaseOf(ctx, q, row, campaignID); err != nil {
		return lease, task, err
	}
	task, err = loadTask(ctx, q, taskRow)
	return lease, task, err
}

// shuffled draws the order in which a user sees the responses of a task.
func shuffled(ids []int64, seed, taskID, userID int64) []int64 {
	order := slices.Clone(ids)
	random := mathrand.New(mathrand.NewPCG(uint64(seed)^uint64(taskID)*0x9e3779b97f4a7c15, uint64(userID)))
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// LeasedTask returns the live lease of a token with its task. CodeExpired when it has ended, CodeNotFound when there is
// none, CodeForbidden when somebody else holds it.
func (s *Store) LeasedTask(ctx context.Context, token string, userID int64) (ranking.Lease, ranking.Task, error) {
	row, err := s.q.LeasedTask(ctx, printable(token))
	if err != nil {
		return ranking.Lease{}, ranking.Task{}, missing("leased task", err, noLease())
	}
	if row.Lease.UserID != userID {
		return ranking.Lease{}, ranking.Task{}, otherLease()
	}
	if row.Lease.Outcome != nil {
		return ranking.Lease{}, ranking.Task{}, leaseEnded()
	}
	lease, err := s.leaseOf(ctx, s.q, row.Lease, row.Task.CampaignID)
	if err != nil {
		return ranking.Lease{}, ranking.Task{}, explain("schema of lease", err)
	}
	task, err := loadTask(ctx, s.q, row.Task)
	return lease, task, explain("load leased task", err)
}

// RenewLease prolongs a live lease from now on. CodeExpired when it has ended.
func (s *Store) RenewLease(ctx context.Context, token string, userID int64) (time.Time, error) {
	expires, err := s.q.RenewLease(ctx, db.RenewLeaseParams{Token: printable(token), UserID: userID})
	if err != nil {
		return time.Time{}, missing("renew lease", err, leaseEnded())
	}
	return expires, nil
}

// ReleaseLease gives a task back unjudged, and with it what its holder holds ahead; the user may get both again. A lease
// that has ended is left alone.
func (s *Store) ReleaseLease(ctx context.Context, token string, userID int64) error {
	if err := s.returnAhead(ctx, token, userID); err != nil {
		return err
	}
	return s.inTx(ctx, "release lease", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		held, err := lockLease(ctx, q, token, userID)
		if err != nil || held.lease.Outcome != nil {
			return err
		}
		outcome := "released"
		if err := q.EndLease(ctx, db.EndLeaseParams{ID: held.lease.ID, Outcome: &outcome}); err != nil {
			return err
		}
		return q.ReturnPlace(ctx, held.task.ID)
	})
}

// heldLease is a lease with its task, both locked.
type heldLease struct {
	lease     db.Lease
	task      db.LockTaskOfLeaseRow
	simulated bool // the user is
}

func lockLease(ctx context.Context, q *db.Queries, token string, userID int64) (heldLease, error) {
	task, err := q.LockTaskOfLease(ctx, printable(token))
	if err != nil {
		return heldLease{}, missing("lock task", err, noLease())
	}
	row, err := q.LockLease(ctx, printable(token))
	if err != nil {
		return heldLease{}, missing("lock lease", err, noLease())
	}
	if row.Lease.UserID != userID {
		return heldLease{}, otherLease()
	}
	return heldLease{lease: row.Lease, task: task, simulated: row.Simulated}, nil
}

// loadTask adds the prompt and the responses to a task.
func loadTask(ctx context.Context, q *db.Queries, row db.Task) (ranking.Task, error) {
	promptRow, err := q.TaskPrompt(ctx, row.PromptID)
	if err != nil {
		return ranking.Task{}, err
	}
	prompt, err := promptOf(promptRow)
	if err != nil {
		return ranking.Task{}, err
	}
	found, err := q.ResponsesByID(ctx, row.ResponseIds)
	if err != nil {
		return ranking.Task{}, err
	}
	if len(found) != len(row.ResponseIds) {
		return ranking.Task{}, fmt.Errorf("task %d names %d responses, %d exist", row.ID, len(row.ResponseIds), len(found))
	}
	task := ranking.Task{
		ID: row.ID, CampaignID: row.CampaignID, Prompt: prompt, Overlap: int(row.Overlap), Judgments: int(row.Judged), Sensitive: row.Sensitive,
		Responses: make([]ranking.Response, len(found)),
	}
	if task.Calibration, err = calibrationPlace(ctx, q, row); err != nil {
		return ranking.Task{}, err
	}
	for _, r := range found {
		task.Responses[slices.Index(row.ResponseIds, r.ID)] = ranking.Response{
			ID: r.ID, PromptID: r.PromptID, Text: r.Text, Model: r.Model, FileIndexes: ints(r.FileIndexes), Generated: r.Generated,
		}
	}
	return task, nil
}

func promptOf(row db.Prompt) (ranking.Prompt, error) {
	p := ranking.Prompt{
		ID: row.ID, CampaignID: row.CampaignID, ExternalID: row.ExternalID, Group: row.GroupKey, Messages: row.Messages,
	}
	if err := json.Unmarshal(row.Metadata, &p.Metadata); err != nil {
		return p, fmt.Errorf("metadata of prompt %d: %w", row.ID, err)
	}
	return p, nil
}

func (s *Store) leaseOf(ctx context.Context, q *db.Queries, row db.Lease, campaignID int64) (ranking.Lease, error) {
	schema, err := s.schema(ctx, q, campaignID, row.SchemaVersion)
	if err != nil {
		return ranking.Lease{}, err
	}
	probe, err := s.probe(ctx, q, campaignID, row.Rule, row.RuleVersion, row.JudgesOf)
	lease := ranking.Lease{
		ID: row.ID, Token: row.Token, UserID: row.UserID, TaskID: row.TaskID, OrderShown: row.OrderShown,
		OrderScored: row.OrderScored, GuidelineVersion: int(row.GuidelineVersion), SchemaVersion: int(row.SchemaVersion),
		Schema: schema, Probe: probe, GrantedAt: row.GrantedAt, ExpiresAt: row.ExpiresAt,
	}
	if len(lease.OrderScored) == 0 { // granted before there were schemas
		lease.OrderScored = lease.OrderShown
	}
	return lease, err
}

// printable keeps a token that cannot be one of ours from the database, which refuses NUL bytes.
func printable(token string) string {
	if unstorable(token) != "" {
		return ""
	}
	return token
}

func notMember() *ranking.Error {
	return ranking.Errorf(ranking.CodeForbidden, "you are not a member of this campaign")
}

func noLease() *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "there is no such task in work")
}

func otherLease() *ranking.Error {
	return ranking.Errorf(ranking.CodeForbidden, "this task is held by somebody else")
}

func leaseEnded() *ranking.Error {
	return ranking.Errorf(ranking.CodeExpired, "your time for this task has run out; take the next one")
}
