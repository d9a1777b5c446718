package cli

import (
	"context"
	"errors"

	"rankloop/internal/app"
)

// ServeCmd starts the web app.
type ServeCmd struct {
	Addr     string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen."`
	NoWorker bool   `name:"no-worker" help:"Start no worker: another machine trains and generates."`
	Demo     bool   `help:"Make a demo campaign with prompts for the base model, once."`
	Secure   bool   `name:"secure-cookies" help:"The site is reached over https: cookies say so."`
}

// Run serves until stopped.
func (c ServeCmd) Run(ctx *Context) error {
	a := app.New(app.Config{
		Options:       ctx.options(),
		Addr:          c.Addr,
		NoWorker:      c.NoWorker,
		Demo:          c.Demo,
		SecureCookies: c.Secure,
		LogLevel:      ctx.LogLevel,
		Stdout:        ctx.Stdout,
		Stderr:        ctx.Stderr,
	})
	return ctx.unlessStopped(a.Run(ctx))
}

// WorkerCmd works queued runs and generation.
type WorkerCmd struct {
	Parent int  `hidden:"" help:"Leave when this process is no longer the parent."`
	Cold   bool `hidden:"" help:"Reload everything after each checkpoint."`
}

// Run works until stopped.
func (c WorkerCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return ctx.unlessStopped(err)
	}
	return ctx.unlessStopped(services.Work(ctx, app.WorkOptions{Parent: c.Parent, Cold: c.Cold}))
}

// unlessStopped drops the error of work that was to go on until it is stopped, and was.
func (c *Context) unlessStopped(err error) error {
	if c.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
