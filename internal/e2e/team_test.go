package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"testing"
	"time"

	"rankloop/internal/app"
	"rankloop/ranking"
)

// team is simulated annotators who keep their own record of what the server has acknowledged. Like the page in a browser
// they send a judgment again until there is an answer.
type team struct {
	site, campaign string
	members        []*http.Client

	cancel context.CancelFunc
	done   sync.WaitGroup

	mu           sync.Mutex
	acknowledged map[int64]int // judgment id → how often it was acknowledged as new
	faults       []error
}

const teamPassword = "simulated annotators only"

// newTeam adds n simulated annotators to the campaign and signs them in.
func (p *program) newTeam(t *testing.T, s *server, campaign string, n int) *team {
	t.Helper()
	team := &team{site: s.url, campaign: campaign, acknowledged: map[int64]int{}}
	p.services(t, func(services *app.Services) error {
		found, err := services.Store.CampaignByName(t.Context(), campaign)
		if err != nil {
			return err
		}
		for i := range n {
			user, err := services.AddUser(t.Context(), ranking.NewUser{
				Email: fmt.Sprintf("team-%d@simulated.invalid", i), Name: "Team", Role: ranking.RoleAnnotator, Simulated: true,
			}, teamPassword)
			if err != nil {
				return err
			}
			if err := services.Store.AddMember(t.Context(), found.ID, user.ID); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range n {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		member := &http.Client{Jar: jar, Timeout: longWait}
		status, _, err := team.ask(t.Context(), member, http.MethodPost, "/api/sign-in",
			map[string]string{"email": fmt.Sprintf("team-%d@simulated.invalid", i), "password": teamPassword})
		if err != nil || status != http.StatusOK {
			t.Fatalf("sign in: status %d, %v", status, err)
		}
		team.members = append(team.members, member)
	}
	t.Cleanup(func() {
		team.stop()
		for _, fault := range team.faults {
			t.Errorf("a simulated annotator: %v", fault)
		}
	})
	return team
}

// work lets everybody work until stop.
func (m *team) work() {
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	for _, member := range m.members {
		m.done.Go(func() {
			for ctx.Err() == nil {
				if err := m.one(ctx, member); err != nil {
					m.mu.Lock()
					m.faults = append(m.faults, err)
					m.mu.Unlock()
					return
				}
			}
		})
	}
}

// pace is how long a simulated annotator thinks, so that they are busy at any moment but do not run out of tasks.
const pace = 30 * time.Millisecond

// one leases a task and judges it.
func (m *team) one(ctx context.Context, member *http.Client) error {
	var task struct {
		Lease string  `json:"lease"`
		Order []int64 `json:"order"`
	}
	status, content, err := m.insist(ctx, member, http.MethodGet, "/api/campaigns/"+m.campaign+"/next", nil)
	if err != nil || status != http.StatusOK {
		return unless(ctx, fmt.Errorf("next: status %d, %w %s", status, err, content))
	}
	if err := json.Unmarshal(content, &task); err != nil {
		return err
	}
	time.Sleep(pace)
	var tiers ranking.Tiers
	for _, id := range task.Order {
		tiers = append(tiers, []int64{id})
	}
	// Once sent it is sent to the end, whether the team is told to stop or not: the record must be whole.
	status, content, err = m.insist(context.WithoutCancel(ctx), member, http.MethodPost, "/api/leases/"+task.Lease+"/submit",
		map[string]any{"tiers": tiers, "active_ms": pace.Milliseconds()})
	if err != nil || status != http.StatusCreated && status != http.StatusOK {
		return fmt.Errorf("submit: status %d, %w %s", status, err, content)
	}
	var stored struct{ Judgment int64 }
	if err := json.Unmarshal(content, &stored); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if status == http.StatusCreated {
		m.acknowledged[stored.Judgment]++
		if m.acknowledged[stored.Judgment] > 1 {
			return fmt.Errorf("judgment %d was acknowledged as new twice", stored.Judgment)
		}
	} else if m.acknowledged[stored.Judgment] == 0 {
		m.acknowledged[stored.Judgment] = 1 // its first answer was lost with the server
	}
	return nil
}

// unless is err, or nil where the team was told to stop.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// insist sends a request until it is answered by a server that works.
func (m *team) insist(ctx context.Context, member *http.Client, method, path string, in any) (int, []byte, error) {
	deadline := time.Now().Add(longWait)
	for {
		status, content, err := m.ask(ctx, member, method, path, in)
		if err == nil && status < http.StatusInternalServerError || ctx.Err() != nil || time.Now().After(deadline) {
			return status, content, err
		}
		time.Sleep(pollEvery)
	}
}

func (m *team) ask(ctx context.Context, member *http.Client, method, path string, in any) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, m.site+path, bytes.NewReader(encode(in)))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := member.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, content, err
}

func (m *team) acknowledgedCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.acknowledged)
}

// stop lets everybody finish what they have sent and returns the record.
func (m *team) stop() map[int64]int {
	if m.cancel != nil {
		m.cancel()
	}
	m.done.Wait()
	return m.acknowledged
}

// encode is JSON of what can only be encoded.
func encode(v any) []byte {
	content, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return content
}
