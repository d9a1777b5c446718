package web

// Routes lists the route table as "METHOD /path".
func (s *Server) Routes() []string {
	var lines []string
	for _, r := range s.routes {
		lines = append(lines, r.Method+" "+r.Path)
	}
	return lines
}
