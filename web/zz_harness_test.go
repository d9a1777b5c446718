package web_test

import (
	"net"
	"os"
	"testing"
	"context"
	"time"
	"rankloop/ranking"
)

func TestHarness(t *testing.T) {
	if os.Getenv("HARNESS") == "" { t.Skip() }
	s, store, _ := newServer()
	store.links["signin-token-0000000000"] = ranking.Link{Purpose: ranking.LinkSignIn}
	store.links["admin-token-0000000000"] = ranking.Link{Purpose: ranking.LinkFirstAdmin}
	store.links["invite-token-0000000000"] = ranking.Link{Purpose: ranking.LinkInvitation, Role: ranking.RoleAnnotator, Campaign: "helpful"}
	l, err := net.Listen("tcp", os.Getenv("HARNESS"))
	if err != nil { t.Fatal(err) }
	ctx, c := context.WithTimeout(context.Background(), 3*time.Hour)
	defer c()
	s.Serve(ctx, l)
}
