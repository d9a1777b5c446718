package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"rankloop/ranking"
)

// 64 annotators on 500 tasks with overlap 3 (`make crowd`; 16 on 80 with every test run), all at once and as fast as they
// can, over connections that break at random moments, while the server is killed again and again: every task gets
// exactly 3 judgments by 3 people, and every judgment that was acknowledged is there, once.
func TestCrowd(t *testing.T) {
	t.Parallel()
	annotators, tasks, kills := 16, 80, 2
	if os.Getenv("RANKLOOP_CROWD") != "" {
		annotators, tasks, kills = 64, 500, 5
	}
	const overlap = 3
	p := newProgram(t)
	s := p.serve(t, "--no-worker")
	address := strings.TrimPrefix(s.url, "http://")
	p.campaign(t, "crowd", prompts(tasks), "--k", "4", "--overlap", fmt.Sprint(overlap))
	team := p.newTeam(t, s, "crowd", annotators)

	broken := newBadNetwork(t, address)
	crowd := &crowd{team: team}
	team.site = broken.url
	var work sync.WaitGroup
	for i, member := range team.members {
		work.Go(func() {
			if err := crowd.work(t.Context(), member, i%2 == 0); err != nil {
				t.Errorf("annotator %d: %v", i, err)
			}
		})
	}
	for kill := range kills {
		eventually(t, "judgments", func() bool { return team.acknowledgedCount() > tasks*overlap*(kill+1)/(kills+1) })
		s.kill(t)
		p.checkAllGone(t)
		s = p.serve(t, "--no-worker", "--addr", address)
	}
	work.Wait()
	acknowledged := team.acknowledged

	stored := map[int64]int{}
	people := map[string]map[string]bool{} // prompt → who judged it
	records := p.records(t, "crowd")
	for _, r := range records {
		stored[r.JudgmentID]++
		if people[r.PromptID] == nil {
			people[r.PromptID] = map[string]bool{}
		}
		if people[r.PromptID][r.Annotator] {
			t.Errorf("%s judged %s twice", r.Annotator, r.PromptID)
		}
		people[r.PromptID][r.Annotator] = true
	}
	for prompt, by := range people {
		if len(by) != overlap {
			t.Errorf("%s was judged by %d people, want %d", prompt, len(by), overlap)
		}
	}
	if len(people) != tasks || len(records) != tasks*overlap {
		t.Errorf("%d tasks have %d judgments, want %d with %d", len(people), len(records), tasks, tasks*overlap)
	}
	for id := range acknowledged {
		if stored[id] != 1 {
			t.Errorf("judgment %d was acknowledged and is there %d times", id, stored[id])
		}
	}
	if len(acknowledged) != len(stored) { // each was sent until it was acknowledged
		t.Errorf("%d judgments are stored, %d were acknowledged", len(stored), len(acknowledged))
	}
	if n := crowd.forgotten.Load(); n > int64(kills*annotators) {
		t.Errorf("%d leases were forgotten in %d kills", n, kills)
	}
	t.Logf("%d annotators, %d tasks: %d judgments, %d kills, %d connections of which %d broke, %d next tasks shown from ahead",
		annotators, tasks, len(records), kills, broken.opened(), broken.broken(), crowd.ahead.Load())
	if broken.broken() == 0 || crowd.ahead.Load() == 0 {
		t.Error("the test met no trouble: no connection broke, or nobody had a task ahead")
	}
}

// crowd is a team that works until nothing is left.
type crowd struct {
	*team
	ahead     atomic.Int64 // tasks that were begun from ahead
	forgotten atomic.Int64 // leases that were given out just before a kill: their commits do not wait for the disk
}

var shownLease = regexp.MustCompile(`data-lease="([^"]+)"`)

// work judges until nothing is left. Those with foresight fetch each next task while they are at one, as the page does.
func (m *crowd) work(ctx context.Context, member *http.Client, foresight bool) error {
	expected := ""
	for {
		status, content, err := m.insist(ctx, member, http.MethodGet, "/api/campaigns/"+m.campaign+"/next", nil)
		if err != nil || status != http.StatusOK {
			if status == http.StatusNoContent {
				return nil
			}
			return fmt.Errorf("next: status %d, %w %s", status, err, content)
		}
		var task struct {
			Lease string  `json:"lease"`
			Order []int64 `json:"order"`
		}
		if err := json.Unmarshal(content, &task); err != nil {
			return err
		}
		if expected != "" && task.Lease != expected {
			m.forgotten.Add(1)
		}
		answer := map[string]any{"tiers": inOrder(task.Order), "active_ms": 1}
		if foresight {
			status, page, err := m.insist(ctx, member, http.MethodPost, "/api/leases/"+task.Lease+"/next", nil)
			if err != nil || status != http.StatusOK && status != http.StatusNoContent {
				return fmt.Errorf("ahead: status %d, %w %s", status, err, page)
			}
			if found := shownLease.FindSubmatch(page); found != nil {
				answer["next"] = string(found[1])
			}
		}
		begun, err := m.submit(ctx, member, task.Lease, answer)
		if err != nil {
			return err
		}
		expected = ""
		if begun {
			expected, _ = answer["next"].(string)
			m.ahead.Add(1)
		}
	}
}

// submit sends an answer until it is acknowledged, and reports whether the next task has begun with it.
func (m *crowd) submit(ctx context.Context, member *http.Client, lease string, answer map[string]any) (begun bool, err error) {
	status, content, err := m.insist(ctx, member, http.MethodPost, "/api/leases/"+lease+"/submit", answer)
	if status == http.StatusNotFound {
		m.forgotten.Add(1)
		return false, nil
	}
	if err != nil || status != http.StatusCreated && status != http.StatusOK {
		return false, fmt.Errorf("submit: status %d, %w %s", status, err, content)
	}
	var stored struct {
		Judgment int64
		Next     bool
	}
	if err := json.Unmarshal(content, &stored); err != nil {
		return false, err
	}
	m.team.mu.Lock()
	defer m.team.mu.Unlock()
	if m.acknowledged[stored.Judgment]++; m.acknowledged[stored.Judgment] > 1 {
		return false, fmt.Errorf("judgment %d was acknowledged for two answers", stored.Judgment)
	}
	return stored.Next, nil
}

func inOrder(ids []int64) (tiers ranking.Tiers) {
	for _, id := range ids {
		tiers = append(tiers, []int64{id})
	}
	return tiers
}

// badNetwork passes connections on, and breaks some: before a request has gone through, in the middle of it, or when it
// has been answered and the answer is on its way.
type badNetwork struct {
	url string

	mu         sync.Mutex
	count, cut int
}

func newBadNetwork(t *testing.T, to string) *badNetwork {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &badNetwork{url: "http://" + listener.Addr().String()}
	var open sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		open.Wait()
	})
	open.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			open.Go(func() { n.pass(client.(*net.TCPConn), to) })
		}
	})
	return n
}

// pass joins a client with the server until one of them ends or as many bytes have gone as this connection survives.
func (n *badNetwork) pass(client *net.TCPConn, to string) {
	defer client.Close()
	upstream, err := net.Dial("tcp", to)
	if err != nil {
		return // the server was killed
	}
	server := upstream.(*net.TCPConn)
	defer server.Close()
	n.mu.Lock()
	n.count++
	n.mu.Unlock()
	ended := make(chan bool, 2)
	survive := func(to io.Writer, from io.Reader, bytes int64) {
		_, err := io.CopyN(to, from, bytes)
		ended <- err == nil
	}
	// A request has about 400 bytes, an answer 300 to 20,000.
	go survive(server, client, rand.Int64N(8_000))
	go survive(client, server, rand.Int64N(80_000))
	if broke := <-ended; broke {
		n.mu.Lock()
		n.cut++
		n.mu.Unlock()
		client.SetLinger(0) //nolint:errcheck // a reset rather than an end, where it can be
		server.SetLinger(0) //nolint:errcheck // the same
	}
	client.Close()
	server.Close()
	<-ended
}

func (n *badNetwork) opened() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.count
}

func (n *badNetwork) broken() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cut
}
