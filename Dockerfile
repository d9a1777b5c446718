# One static binary on a small base. docker-compose.yml starts it twice, as the server and as the training worker,
# beside a Postgres of its own.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /rankloop .

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/rankloop --create-home rankloop
COPY --from=build /rankloop /usr/local/bin/rankloop
USER rankloop
VOLUME /var/lib/rankloop
ENV RANKLOOP_DATA=/var/lib/rankloop
EXPOSE 8080
ENTRYPOINT ["rankloop"]
CMD ["serve", "--addr", "0.0.0.0:8080", "--no-worker"]
