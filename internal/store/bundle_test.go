package store_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"rankloop/internal/postgres/postgrestest"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// bundle is a store on a database of its own.
type bundle struct {
	*store.Store
	t    *testing.T
	pool *pgxpool.Pool
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	pool := postgrestest.New(t)
	return &bundle{Store: store.New(pool), t: t, pool: pool}
}

func (b *bundle) ctx() context.Context { return b.t.Context() }

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("unexpected error: %v", err)
	}
}

// wantCode fails unless err has the code.
func (b *bundle) wantCode(err error, code ranking.Code) {
	b.t.Helper()
	if ranking.ErrorCode(err) != code {
		b.t.Fatalf("error %v has the code %q, want %q", err, ranking.ErrorCode(err), code)
	}
}

func (b *bundle) exec(query string, arguments ...any) {
	b.t.Helper()
	_, err := b.pool.Exec(b.ctx(), query, arguments...)
	b.must(err)
}

// number runs a query that yields one number.
func (b *bundle) number(query string, arguments ...any) int {
	b.t.Helper()
	var n int
	b.must(b.pool.QueryRow(b.ctx(), query, arguments...).Scan(&n))
	return n
}

func (b *bundle) user(name string, role ranking.Role) ranking.User {
	b.t.Helper()
	user, err := b.CreateUser(b.ctx(), store.NewUser{Email: name + "@example.com", Name: name, Role: role})
	b.must(err)
	return user
}

func (b *bundle) campaign(k, overlap int) ranking.Campaign {
	b.t.Helper()
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "main", K: k, Overlap: overlap, Guidelines: "Be fair.", Seed: 7})
	b.must(err)
	return c
}

// annotators makes n members of a campaign.
func (b *bundle) annotators(campaignID int64, n int) []ranking.User {
	b.t.Helper()
	var all []ranking.User
	for i := range n {
		user := b.user(fmt.Sprintf("annotator-%d", i), ranking.RoleAnnotator)
		b.must(b.AddMember(b.ctx(), campaignID, user.ID))
		_, err := b.AcknowledgeGuidelines(b.ctx(), campaignID, user.ID, 1)
		b.must(err)
		all = append(all, user)
	}
	return all
}

// input is a prompt with as many responses as asked for.
func input(id string, line, responses int) store.PromptInput {
	in := store.PromptInput{
		Prompt: ranking.Prompt{ExternalID: id, Messages: []ranking.Message{{Role: "user", Content: "Question " + id + "?"}}},
		Line:   line,
	}
	for i := range responses {
		in.Responses = append(in.Responses, ranking.Response{
			Text: fmt.Sprintf("Answer %d to %s.", i, id), Model: fmt.Sprintf("model-%d", i), FileIndexes: []int{i},
		})
	}
	in.ContentSHA256 = sha256.Sum256(fmt.Appendf(nil, "%s %d", id, responses))
	return in
}

func inputs(n, responses int) []store.PromptInput {
	var all []store.PromptInput
	for i := range n {
		all = append(all, input(fmt.Sprintf("p%05d", i), i+1, responses))
	}
	return all
}

func (b *bundle) imported(campaignID int64, in []store.PromptInput) store.ImportResult {
	b.t.Helper()
	result, err := b.ImportPrompts(b.ctx(), campaignID, in, store.ImportOptions{})
	b.must(err)
	return result
}

// work is a campaign with tasks of 4 responses and members.
func (b *bundle) work(tasks, overlap, members int) (ranking.Campaign, []ranking.User) {
	b.t.Helper()
	c := b.campaign(4, overlap)
	b.imported(c.ID, inputs(tasks, 4))
	return c, b.annotators(c.ID, members)
}

// asShown ranks the responses in the order shown, without ties.
func asShown(lease ranking.Lease) ranking.Tiers {
	var tiers ranking.Tiers
	for _, id := range lease.OrderShown {
		tiers = append(tiers, []int64{id})
	}
	return tiers
}

func submission(lease ranking.Lease) store.Submission {
	return store.Submission{
		LeaseToken: lease.Token, UserID: lease.UserID, Tiers: asShown(lease), ActiveMS: 1200, StartedAt: lease.GrantedAt,
	}
}
