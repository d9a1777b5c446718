package store

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// rulesLock and a campaign's number behind it are the lock under which its rules are given out.
const rulesLock = int64(0x70726f) << 40

// kind is what a campaign collects; that never changes.
func (s *Store) kind(ctx context.Context, q *db.Queries, campaignID int64) (ranking.CampaignKind, error) {
	kind, known := s.kinds.Load(campaignID)
	if !known {
		stored, err := q.KindOfCampaign(ctx, campaignID)
		if err != nil {
			return "", err
		}
		kind, _ = s.kinds.LoadOrStore(campaignID, stored)
	}
	return ranking.CampaignKind(kind.(string)), nil
}

// assignProbe says what a lease of a task asks: to judge the conversation that somebody finished on it, to go on with
// one's own, or to begin one under the rule that was probed least. A campaign of another kind asks for none of it.
func (s *Store) assignProbe(ctx context.Context, q *db.Queries, member db.LockMemberRow, campaignID, taskID, userID int64, in *db.InsertLeaseParams) error {
	if kind, err := s.kind(ctx, q, campaignID); err != nil || kind != ranking.KindProbe {
		return err
	}
	finished, err := q.FinishedProbe(ctx, taskID)
	if err == nil {
		in.Rule, in.RuleVersion, in.JudgesOf = &finished.Rule, &finished.RuleVersion, &finished.UserID
		return q.DropOwnDraft(ctx, db.DropOwnDraftParams{TaskID: taskID, UserID: userID})
	}
	if !noRows(err) {
		return err
	}
	begun, err := q.BegunProbe(ctx, db.BegunProbeParams{TaskID: taskID, UserID: userID})
	if err == nil {
		in.Rule, in.RuleVersion = &begun.Rule, &begun.RuleVersion
		return nil
	}
	if !noRows(err) {
		return err
	}
	rule, err := s.nextRule(ctx, q, member, campaignID)
	in.Rule, in.RuleVersion = &rule, &member.SchemaVersion
	return err
}

// nextRule chooses a member's next rule. Two who ask at the same moment wait for each other, so that each sees what the
// other was given.
func (s *Store) nextRule(ctx context.Context, q *db.Queries, member db.LockMemberRow, campaignID int64) (string, error) {
	schema, err := s.schema(ctx, q, campaignID, member.SchemaVersion)
	if err != nil {
		return "", err
	}
	if err := q.LockRules(ctx, rulesLock+campaignID); err != nil {
		return "", err
	}
	rows, err := q.RulesGiven(ctx, campaignID)
	if err != nil {
		return "", err
	}
	given := make([]ranking.Given, len(rows))
	for i, row := range rows {
		given[i] = ranking.Given{Rule: row.Rule, Count: int(row.Times)}
	}
	last := ""
	if member.LeaseID != nil {
		if last, err = q.RuleOfLease(ctx, *member.LeaseID); err != nil && !noRows(err) {
			return "", err
		}
	}
	return schema.NextRule(given, last).Name, nil
}

// probe is what a lease of a campaign that probes rules asks; nil for another.
func (s *Store) probe(ctx context.Context, q *db.Queries, campaignID int64, rule *string, version *int32, of *int64) (*ranking.Probe, error) {
	if rule == nil || version == nil {
		return nil, nil
	}
	schema, err := s.schema(ctx, q, campaignID, *version)
	if err != nil {
		return nil, err
	}
	probe := &ranking.Probe{Version: int(*version)}
	if of != nil {
		probe.Of = *of
	}
	var found bool
	if probe.Rule, found = schema.Rule(*rule); !found {
		return nil, fmt.Errorf("the schema %d of campaign %d has no rule %q", *version, campaignID, *rule)
	}
	return probe, nil
}

// probeOfJudgment is what was asked of a judgment's annotator.
func (s *Store) probeOfJudgment(ctx context.Context, q *db.Queries, judgmentID int64) (*ranking.Probe, error) {
	row, err := q.ProbeOfJudgment(ctx, judgmentID)
	if err != nil {
		return nil, err
	}
	return s.probe(ctx, q, row.CampaignID, &row.Rule, &row.RuleVersion, row.JudgesOf)
}

// talker is whose conversation a lease is about.
func talker(lease db.Lease) int64 {
	if lease.JudgesOf != nil {
		return *lease.JudgesOf
	}
	return lease.UserID
}

// checkMark holds the mark of a probe against the conversation as it is stored, and returns it as it will be. CodeExpired
// where somebody else's conversation has taken the place of the one that is marked.
func checkMark(ctx context.Context, q *db.Queries, held heldLease, mark *ranking.Mark) (*ranking.Mark, error) {
	if held.task.Kind != string(ranking.KindProbe) {
		return mark, nil
	}
	if held.lease.JudgesOf == nil {
		if _, err := q.FinishedProbe(ctx, held.task.ID); !noRows(err) {
			if err == nil {
				err = leaseEnded()
			}
			return nil, err
		}
	}
	d, err := dialogue(ctx, q, held)
	if err != nil {
		return nil, err
	}
	checked, err := d.CheckMark(*mark)
	return &checked, err
}

// finishProbe counts a conversation that was just marked by its person, and opens it for others to judge.
func finishProbe(ctx context.Context, q *db.Queries, held heldLease) error {
	if held.lease.Rule == nil || held.lease.JudgesOf != nil {
		return nil
	}
	if err := q.CountProbe(ctx, db.CountProbeParams{CampaignID: held.task.CampaignID, Rule: *held.lease.Rule}); err != nil {
		return err
	}
	return q.OpenForJudges(ctx, held.task.ID)
}

// AddConversations adds tasks to a campaign that probes rules, in which the person has the first word.
func (s *Store) AddConversations(ctx context.Context, campaignID int64, n int) error {
	return s.inTx(ctx, "add conversations", longWrite, func(tx pgx.Tx, q *db.Queries) error {
		return addConversations(ctx, tx, q, campaignID, n)
	})
}

func addConversations(ctx context.Context, tx pgx.Tx, q *db.Queries, campaignID int64, n int) error {
	campaign, err := q.LockCampaign(ctx, campaignID)
	if err != nil {
		return missing("lock campaign", err, noCampaign())
	}
	if campaign.Kind != string(ranking.KindProbe) {
		return ranking.Errorf(ranking.CodeInvalid, "only a campaign that probes rules has conversations without prompts")
	}
	if n < 1 || n > ranking.ConversationsMax {
		return ranking.Errorf(ranking.CodeInvalid, "the number of conversations must be 1 to %d, not %d", ranking.ConversationsMax, n)
	}
	before, err := q.FreeConversations(ctx, campaignID)
	if err != nil {
		return err
	}
	in := make([]PromptInput, n)
	for i := range in {
		id := fmt.Sprintf("conversation-%06d", int(before)+i+1)
		in[i] = PromptInput{Prompt: ranking.Prompt{ExternalID: id, Messages: []ranking.Message{}}, ContentSHA256: sha256.Sum256([]byte(id))}
	}
	var result ImportResult
	fresh, err := newPrompts(ctx, q, campaignID, in, &result)
	if err != nil {
		return err
	}
	if len(result.Conflicts) > 0 {
		return conflictError(result.Conflicts)
	}
	if err := copyPrompts(ctx, tx, q, campaign, fresh, &result); err != nil {
		return err
	}
	return q.CountImported(ctx, db.CountImportedParams{ID: campaignID, Prompts: int64(result.PromptsAdded)})
}

// probeSeed draws the bootstrap's samples: the same marks give the same interval.
const probeSeed = 1

// ProbeStatistics says how the rules of a campaign fared; nil of a campaign that probes none.
func (s *Store) ProbeStatistics(ctx context.Context, campaign ranking.Campaign) (*ranking.ProbeStatistics, error) {
	if campaign.Kind != ranking.KindProbe {
		return nil, nil
	}
	rows, err := s.q.MarksOfCampaign(ctx, campaign.ID)
	if err != nil {
		return nil, explain("marks of campaign", err)
	}
	marks := make([]ranking.GivenMark, len(rows))
	for i, row := range rows {
		marks[i] = ranking.GivenMark{TaskID: row.TaskID, Rule: row.Rule, Judge: row.JudgedAnew, Verdict: ranking.Verdict(row.Verdict)}
	}
	statistics := ranking.NewProbeStatistics(campaign.Schema.Rules, marks, probeSeed)
	return &statistics, nil
}
