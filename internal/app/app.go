package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/alexedwards/scs/pgxstore"
	"golang.org/x/sync/errgroup"

	"rankloop/handlers"
	"rankloop/internal/jobs"
	"rankloop/internal/postgres"
	"rankloop/ranking"
	"rankloop/web"
)

// DefaultAddr is where serve listens unless told otherwise.
const DefaultAddr = "127.0.0.1:8080"

// Config is what a server is started with.
type Config struct {
	Options
	Addr          string // host:port; port 0 takes a free one
	NoWorker      bool   // start no worker process
	Demo          bool   // make the demo campaign
	SecureCookies bool   // the site is reached over https
	LogLevel      string // of the worker process
	Stdout        io.Writer
	Stderr        io.Writer // of the worker process
}

// App is the server: web pages, and a worker process for training and generation.
type App struct {
	*Services
	config   Config
	listener net.Listener
	url      string
}

// New makes a server; Start or Run opens it.
func New(config Config) *App {
	if config.Stdout == nil {
		config.Stdout = io.Discard
	}
	if config.Stderr == nil {
		config.Stderr = io.Discard
	}
	config.Options = config.Options.withDefaults()
	return &App{config: config}
}

// URL is where the server answers, once it is started.
func (a *App) URL() string { return a.url }

// Start takes the port, then opens the services: a port in use is found before a database is started.
func (a *App) Start(ctx context.Context) error {
	listener, err := listen(a.config.Addr)
	if err != nil {
		return err
	}
	services, err := Open(ctx, a.config.Options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	a.Services, a.listener, a.url = services, listener, urlOf(listener)
	return nil
}

// Run starts the server unless Start has, serves until ctx ends, and closes.
func (a *App) Run(ctx context.Context) (err error) {
	if a.Services == nil {
		if err := a.Start(ctx); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if a.config.Demo {
		if err := a.makeDemoCampaign(ctx); err != nil {
			return err
		}
	}
	if err := writeServerFile(a.DataDir, a.url); err != nil {
		return err
	}
	defer removeServerFile(a.DataDir)
	a.Log.Info("serving", "url", a.url, "data", a.DataDir)
	if err := a.greet(ctx); err != nil {
		return err
	}

	group, ctx := errgroup.WithContext(ctx)
	if !a.config.NoWorker {
		worker := child{options: a.Options, logLevel: a.config.LogLevel, stderr: a.config.Stderr, log: a.Log}
		group.Go(func() error {
			worker.keep(ctx)
			return nil
		})
	}
	group.Go(func() error { return a.server(a.config.SecureCookies).Serve(ctx, a.listener) })
	return group.Wait()
}

// Close gives back the port and closes the services. It may be called twice.
func (a *App) Close() error {
	if a.Services == nil {
		return nil
	}
	a.listener.Close() // closed already after serving
	return a.Services.Close()
}

// server assembles the web server over these services.
func (s *Services) server(secureCookies bool) *web.Server {
	playground := newPlayground(s.Engine)
	return web.New(web.Deps{
		Store:    pages{s.Store, s, playground},
		Desk:     newDesk(s, playground),
		Sessions: pgxstore.NewWithCleanupInterval(s.Cluster.Pool(), 0),
		Health:   health{s.Cluster},
		Log:      s.Log,
	}, web.Config{SecureCookies: secureCookies})
}

// StartServer serves on a free loopback port in this process until stop is called, for commands that work over HTTP
// where no server runs.
func (s *Services) StartServer(ctx context.Context) (url string, stop func() error, err error) {
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	quiet := *s // one line a request would drown the command's own
	quiet.Log = jobs.Quiet(s.Log)
	go func() { served <- quiet.server(false).Serve(ctx, listener) }()
	return urlOf(listener), func() error {
		cancel()
		return <-served
	}, nil
}

// listen takes the address, or says what is in the way and what to write instead.
func listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = DefaultAddr
	}
	listener, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, ranking.Errorf(ranking.CodeUnavailable,
			"%s is in use: another server runs there; stop it, or choose another port with --addr %s", addr, otherPort(addr))
	case errors.Is(err, os.ErrPermission):
		return nil, ranking.Errorf(ranking.CodeUnavailable,
			"this account may not listen on %s; choose a port from 1024 on, such as --addr %s", addr, otherPort(addr))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, ranking.Errorf(ranking.CodeUnavailable, "%s is no address of this machine; try --addr %s", addr, DefaultAddr)
	default:
		return nil, ranking.Errorf(ranking.CodeInvalid,
			"cannot listen on %q: write host:port, such as --addr %s", addr, DefaultAddr).WithCause(err)
	}
}

// otherPort is the same host with a port that is free just now.
func otherPort(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = "127.0.0.1"
	}
	free, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return net.JoinHostPort(host, "8081")
	}
	defer free.Close()
	return free.Addr().String()
}

// urlOf is how a browser on this machine reaches the listener.
func urlOf(listener net.Listener) string {
	address := listener.Addr().(*net.TCPAddr)
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(address.Port))
}

// greet prints where the server is and, while there is no admin, the link that makes the first one. The link never
// goes to the log: whoever reads it is the admin.
func (a *App) greet(ctx context.Context) error {
	fmt.Fprintf(a.config.Stdout, "Rankloop is ready at %s\n", a.url)
	exists, err := a.Store.AdminExists(ctx)
	if err != nil || exists {
		return err
	}
	if os.Getenv("JOURNAL_STREAM") != "" { // standard output is a log
		a.Log.Info("there is no admin yet; make one with: rankloop user add --role admin --email ADDRESS")
		return nil
	}
	token, err := a.Store.CreateFirstAdminLink(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.config.Stdout, "Open this link to become the first admin (once, within 30 minutes):\n  %s%s\n", a.url, handlers.LinkPath(token))
	return nil
}

// health tells the server whether the database can be used.
type health struct{ cluster *postgres.Cluster }

// Available is false while the database is handed over.
func (h health) Available() bool { return h.cluster.Available() }

// Ready checks the database and its schema.
func (h health) Ready(ctx context.Context) error {
	_, dirty, pending, err := postgres.MigrateStatus(ctx, h.cluster.Pool())
	switch {
	case err != nil:
		return err
	case dirty:
		return ranking.Errorf(ranking.CodeUnavailable, "a migration of the schema stopped half way")
	case pending > 0:
		return ranking.Errorf(ranking.CodeUnavailable, "migrations of the schema still to be applied: %d", pending)
	}
	return nil
}
