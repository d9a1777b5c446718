package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rankloop/internal/postgres/postgrestest"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// One cycle is what an annotator's click costs: submit a ranking, lease the next task. The time must not grow with the
// campaign, nor with what the annotators have done: each has judged thousands of tasks that are still open for others.
func BenchmarkCycle(b *testing.B) {
	for _, prompts := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("prompts=%d", prompts), func(b *testing.B) { benchmarkCycle(b, prompts) })
	}
}

func benchmarkCycle(b *testing.B, prompts int) {
	pool := postgrestest.New(b)
	s := store.New(pool)
	ctx := b.Context()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	c, err := s.CreateCampaign(ctx, store.NewCampaign{Name: "large", K: 4, Overlap: 100, Seed: 1})
	must(err)
	fill := func(query string, arguments ...any) {
		b.Helper()
		tx, err := pool.Begin(ctx)
		must(err)
		_, err = tx.Exec(ctx, "SET LOCAL statement_timeout = 0")
		must(err)
		_, err = tx.Exec(ctx, query, arguments...)
		must(err)
		must(tx.Commit(ctx))
	}
	fill(`INSERT INTO prompts (campaign_id, external_id, group_key, messages, content_sha256)
		SELECT $1, 'p' || i, 'p' || i, '[{"role": "user", "content": "Why is the sky blue?"}]', '' FROM generate_series(1, $2::int) i`, c.ID, prompts)
	fill(`INSERT INTO responses (prompt_id, text, text_sha256, model, file_indexes)
		SELECT p.id, 'Because of ' || k, decode(md5(k::text), 'hex'), 'm', ARRAY[k] FROM prompts p, generate_series(0, 1) k`)
	fill(`INSERT INTO tasks (campaign_id, prompt_id, overlap, response_ids)
		SELECT $1, prompt_id, 100, array_agg(id ORDER BY id) FROM responses GROUP BY prompt_id ORDER BY prompt_id`, c.ID)
	var users []ranking.User
	for i := range 2 {
		user, err := s.CreateUser(ctx, store.NewUser{Email: fmt.Sprintf("u%d@example.com", i), Role: ranking.RoleAnnotator})
		must(err)
		must(s.AddMember(ctx, c.ID, user.ID))
		users = append(users, user)
	}
	fill(`INSERT INTO leases (token, task_id, user_id, order_shown, guideline_version, expires_at, ended_at, outcome)
		SELECT t.id || ' ' || u.id, t.id, u.id, t.response_ids, 1, now(), now(), 'judged'
		FROM (SELECT * FROM tasks ORDER BY id LIMIT $1) t, users u`, min(prompts/2, 50_000))
	fill("UPDATE tasks SET taken = 2, judged = 2 WHERE id IN (SELECT task_id FROM leases)")
	fill("UPDATE campaign_members SET task_cursor = (SELECT max(task_id) FROM leases)")
	fill("ANALYZE")

	var next []time.Duration
	for i := 0; b.Loop(); i++ {
		user := users[i%len(users)]
		start := time.Now()
		lease, _, err := s.LeaseTask(ctx, c.ID, user.ID)
		must(err)
		next = append(next, time.Since(start))
		_, _, err = s.Submit(ctx, submission(lease))
		must(err)
	}
	slices.Sort(next)
	b.ReportMetric(float64(next[len(next)/2].Microseconds()), "next-p50-µs")
	b.ReportMetric(float64(next[len(next)*99/100].Microseconds()), "next-p99-µs")
}
