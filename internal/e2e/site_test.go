package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"rankloop/internal/app"
	"rankloop/ranking"
)

// site is a running server with what tests need on it. Tests share one and keep apart by the names of their campaigns
// and people.
type site struct {
	*program
	server *server
}

var sharedSite = sync.OnceValues(func() (*site, error) {
	p, err := makeProgram()
	if err != nil {
		return nil, err
	}
	closers.add(func() { os.RemoveAll(p.folder) })
	s, err := p.startServer()
	if err != nil {
		return nil, err
	}
	closers.add(func() {
		if err := s.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	})
	return &site{p, s}, s.waitReady()
})

// shared is the server that tests share.
func shared(t *testing.T) *site {
	t.Helper()
	s, err := sharedSite()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the shared server's log:\n%s", s.server.log())
		}
	})
	return s
}

// services opens the data folder in this process for as long as f runs: for what no command does.
func (p *program) services(t *testing.T, f func(*app.Services) error) {
	t.Helper()
	services, err := app.Open(t.Context(), app.Options{DataDir: p.data})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	if err := f(services); err != nil {
		t.Fatal(err)
	}
}

// campaign makes a campaign of the prompts, which asks for the ranking alone unless the flags say otherwise.
func (p *program) campaign(t *testing.T, name string, prompts []prompt, flags ...string) {
	t.Helper()
	if !slices.Contains(flags, "--schema") {
		flags = append(flags, "--schema", "ranking-only")
	}
	p.run(t, append([]string{"campaign", "create", "--name", name}, flags...)...)
	p.run(t, "import", "--campaign", name, p.write(t, name+".jsonl", promptSet(prompts)))
}

// prompt is a line of a prompt set.
type prompt struct {
	ID        string   `json:"id"`
	Prompt    string   `json:"prompt"`
	Responses []string `json:"responses,omitempty"`
}

func promptSet(prompts []prompt) string {
	var lines strings.Builder
	for _, p := range prompts {
		line, err := json.Marshal(p)
		if err != nil {
			panic(err) // strings only
		}
		lines.Write(append(line, '\n'))
	}
	return lines.String()
}

// prompts are n prompts with four responses each, all texts different.
func prompts(n int) []prompt {
	set := make([]prompt, n)
	for i := range set {
		set[i] = prompt{ID: fmt.Sprintf("p%d", i+1), Prompt: fmt.Sprintf("Question %d?", i+1)}
		for _, word := range []string{"north", "east", "south", "west"} {
			set[i].Responses = append(set[i].Responses, fmt.Sprintf("Answer %s to question %d.", word, i+1))
		}
	}
	return set
}

// person adds somebody, who joins the campaigns, and returns a sign-in link.
func (p *program) person(t *testing.T, email, role string, campaigns ...string) (link string) {
	t.Helper()
	var added struct{ Link string }
	p.json(t, &added, "user", "add", "--email", email, "--role", role, "--name", strings.Split(email, "@")[0])
	if len(campaigns) == 0 {
		return added.Link
	}
	p.services(t, func(s *app.Services) error {
		user, _, err := s.Store.UserByEmail(t.Context(), email)
		if err != nil {
			return err
		}
		for _, name := range campaigns {
			campaign, err := s.Store.CampaignByName(t.Context(), name)
			if err != nil {
				return err
			}
			if err := s.Store.AddMember(t.Context(), campaign.ID, user.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return added.Link
}

// signIn uses a sign-in link in a tab of its own.
func (s *site) signIn(t *testing.T, link string) *tab {
	t.Helper()
	b := newTab(t, s.server.url)
	b.useLink(link)
	return b
}

// useLink opens a sign-in link and presses its button.
func (b *tab) useLink(link string) {
	b.t.Helper()
	b.open(link)
	b.click("main form button.primary")
	b.waitForPage("/")
}

// records are a campaign's judgments as they are stored.
func (p *program) records(t *testing.T, campaign string) (records []ranking.Record) {
	t.Helper()
	for line := range strings.Lines(p.run(t, "export", "--campaign", campaign, "--format", "native", "--out", "-")) {
		var record ranking.Record
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		records = append(records, record)
	}
	return records
}
