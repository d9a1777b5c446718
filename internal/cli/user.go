package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"rankloop/internal/app"
	"rankloop/ranking"
)

// UserCmd manages people.
type UserCmd struct {
	Add   UserAddCmd   `cmd:"" help:"Add a person and print a one-time sign-in link."`
	List  UserListCmd  `cmd:"" help:"List people."`
	Token UserTokenCmd `cmd:"" help:"Print a one-time sign-in link for somebody."`
}

// UserAddCmd adds a person.
type UserAddCmd struct {
	Email         string       `required:"" placeholder:"E" help:"The person's address, used to sign in."`
	Role          ranking.Role `required:"" enum:"annotator,researcher,admin" placeholder:"ROLE" help:"annotator, researcher or admin."`
	Name          string       `help:"How the person is called in the app." placeholder:"NAME"`
	PasswordStdin bool         `name:"password-stdin" help:"Read a password from the first line of standard input. Without one the person signs in by link."`
}

// Run adds the person.
func (c UserAddCmd) Run(ctx *Context) error {
	password := ""
	if c.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(ctx.Stdin, 4096)).ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		password = strings.TrimRight(line, "\r\n")
		if password == "" {
			return Usagef("--password-stdin was given, but standard input is empty; write: echo PASSWORD | rankloop user add …")
		}
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	user, err := services.AddUser(ctx, ranking.NewUser{Email: c.Email, Name: c.Name, Role: c.Role}, password)
	if err != nil {
		return err
	}
	return ctx.printLink(services, user)
}

// UserTokenCmd prints a sign-in link.
type UserTokenCmd struct {
	Email string `arg:"" help:"The person's address."`
}

// Run prints a sign-in link.
func (c UserTokenCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	user, _, err := services.Store.UserByEmail(ctx, strings.ToLower(c.Email))
	if err != nil {
		return err
	}
	return ctx.printLink(services, user)
}

// userView is a person under --json.
type userView struct {
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Role      ranking.Role `json:"role"`
	Pseudonym string       `json:"pseudonym"`
	Simulated bool         `json:"simulated"`
	Disabled  bool         `json:"disabled"`
	CreatedAt time.Time    `json:"created_at"`
}

func newUserView(u ranking.User) userView {
	return userView{u.Email, u.Name, u.Role, u.Pseudonym, u.Simulated, u.Disabled, u.CreatedAt}
}

// printLink makes a single-use sign-in link for the user and prints it: of the running server, else of the address
// that serve takes by default.
func (c *Context) printLink(services *app.Services, user ranking.User) error {
	link, expires, err := services.SignInLink(c, user.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(struct {
			User      userView  `json:"user"`
			Link      string    `json:"link"`
			ExpiresAt time.Time `json:"expires_at"`
		}{newUserView(user), link, expires})
	}
	c.Printf("%s (%s)\n%s\n", user.Email, user.Role, link)
	c.Notef("The link works once and expires at %s.", expires.Local().Format("15:04"))
	return nil
}

// UserListCmd lists people.
type UserListCmd struct{}

// Run prints the people.
func (UserListCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	users, err := services.Store.ListUsers(ctx)
	if err != nil {
		return err
	}
	if ctx.JSON {
		views := make([]userView, len(users))
		for i, user := range users {
			views[i] = newUserView(user)
		}
		return ctx.PrintJSON(struct {
			Users []userView `json:"users"`
		}{views})
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EMAIL\tROLE\tPSEUDONYM\tNAME\t")
	for _, user := range users {
		var remarks []string
		if user.Simulated {
			remarks = append(remarks, "simulated")
		}
		if user.Disabled {
			remarks = append(remarks, "disabled")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", user.Email, user.Role, user.Pseudonym, user.Name, strings.Join(remarks, ", "))
	}
	return table.Flush()
}
