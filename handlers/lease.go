package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// LeaseRenew answers POST /api/leases/:token/renew with the new end of the lease.
func LeaseRenew(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		expiresAt, err := store.RenewLease(ctx, token, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"expires_at": expiresAt})
	}
}

// LeaseRelease answers POST /leases/:token/release: a break. The task goes back to the queue without a mark against
// anybody.
func LeaseRelease(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		if err := store.ReleaseLease(ctx, token, CurrentUser(ctx).ID); err != nil {
			return err
		}
		return redirect(c, "/")
	}
}
