package app

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rankloop/ranking"
)

// contents is every row of the database by its table, but for the sessions of browsers.
func (s *site) contents() map[string]string {
	s.t.Helper()
	pool := s.Cluster.Pool()
	rows, err := pool.Query(s.t.Context(), "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'sessions'")
	s.must(err)
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var table string
		s.must(rows.Scan(&table))
		tables = append(tables, table)
	}
	s.must(rows.Err())
	all := map[string]string{}
	for _, table := range tables {
		var sum string
		s.must(pool.QueryRow(s.t.Context(), fmt.Sprintf(`SELECT md5(coalesce(string_agg(t::text, E'\n' ORDER BY t::text), '')) FROM %q t`, table)).Scan(&sum))
		all[table] = sum
	}
	return all
}

// An admin looks at a campaign as its annotators do, answers, skips and asks, and not a row of the database changes.
func TestViewAsAnnotatorStoresNothing(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	for _, c := range []struct {
		kind   ranking.CampaignKind
		k      int
		schema ranking.Schema
	}{
		{ranking.KindRanking, 4, ranking.DefaultSchema()}, {ranking.KindComparison, 2, ranking.Schema{}}, {ranking.KindDemonstration, 0, ranking.Schema{}},
	} {
		campaign, err := s.Store.CreateCampaign(t.Context(), ranking.NewCampaign{
			Name: string(c.kind), Kind: c.kind, K: c.k, Overlap: 1, Guidelines: "Be kind.", Schema: c.schema, GenerateFrom: "none",
		})
		s.must(err)
		try := "/campaigns/" + campaign.Name + "/try"
		admin.get(try).want(http.StatusNotFound, "no task to look at yet")
		path := admin.upload("/campaigns/"+campaign.Name+"/upload", "two.jsonl", []byte(
			`{"id":"a","prompt":"First?","responses":["one","two","three","four"]}`+"\n"+`{"id":"b","prompt":"Second?","responses":["five","six","seven","eight"]}`+"\n")).location()
		admin.post(path, "do", "import", "file", "two.jsonl").location()
		lease, task, err := s.Store.SampleTask(t.Context(), campaign.ID, admin.user.ID, 0)
		s.must(err)
		before := s.contents()

		admin.get("/campaigns/"+campaign.Name).want(http.StatusOK, `href="`+try+`"`)
		admin.get(try).want(http.StatusOK, "Nothing is stored", "First?").lacks("/leases/", "data-lease=\"l")
		base := fmt.Sprintf("%s/%d", try, task.ID)
		var form []string
		switch c.kind {
		case ranking.KindComparison:
			form = []string{"comparison", "1", "choice", fmt.Sprintf("%d>%d", lease.OrderShown[0], lease.OrderShown[1])}
		case ranking.KindDemonstration:
			form = []string{"written", "An ideal reply."}
		default:
			admin.post(base+"/submit", "go", "2", fmt.Sprintf("score_%d", lease.OrderScored[0]), "5").want(http.StatusOK, "Response 2 of 4", `value="5" checked`)
			form = []string{"kept_as_shown", "1"}
			admin.post(base+"/submit", form...).want(http.StatusUnprocessableEntity, "4 of 4 responses have no score", "Nothing is stored")
			for _, id := range lease.OrderShown {
				form = append(form, fmt.Sprintf("score_%d", id), "4")
			}
		}
		admin.post(base+"/submit").want(http.StatusUnprocessableEntity, `role="alert"`, "Nothing is stored")
		next := admin.post(base+"/submit", form...).location()
		admin.get(next).want(http.StatusOK, "That would have been an answer.", "Second?")
		admin.get(admin.post(base+"/skip", "reason", "broken").location()).want(http.StatusOK, "Second?").lacks("would have been")
		admin.get(admin.post(base+"/question", "question", "Why?").location()).want(http.StatusOK, "Second?")
		admin.post(fmt.Sprintf("%s/%d/submit", try, task.ID+1000), form...).want(http.StatusNotFound)
		admin.post(try+"/x/submit", form...).want(http.StatusNotFound)
		body := `{"tiers":[],"active_ms":5,"comment":"","written":"x"}`
		if c.kind != ranking.KindDemonstration {
			body = `{"tiers":[[1]],"active_ms":5}`
			admin.do(http.MethodPost, "/api"+base+"/submit", "application/json", strings.NewReader(body)).want(http.StatusUnprocessableEntity)
		} else {
			admin.do(http.MethodPost, "/api"+base+"/submit", "application/json", strings.NewReader(body)).want(http.StatusOK, `"stored":false`)
		}

		after := s.contents()
		for _, table := range slices.Sorted(maps.Keys(before)) {
			if before[table] != after[table] {
				t.Errorf("%s: looking at it changed the table %s", c.kind, table)
			}
		}
	}
	s.as(ranking.RoleResearcher).get("/campaigns/ranking/try").want(http.StatusForbidden)
}
