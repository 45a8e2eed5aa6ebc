// Udprelaycheck meets a UDP relay in the way Tailscale's peers do, by its disco and udprelay packages.
//
//	udprelaycheck client URL DISCOKEY              two clients of the relay with this URL for DERP and this disco key
//	udprelaycheck server PORT DISCOKEY DISCOKEY    Tailscale's own server on 127.0.0.1, with a session for these two
//
// The client prints a line for each thing that held; the first that did not ends it with exit code 1. The server prints
// its key and the session as the disco message that a client would be told it by, in hex, and ends with its standard input.
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"go4.org/mem"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/disco"
	"tailscale.com/net/netmon"
	"tailscale.com/net/packet"
	"tailscale.com/net/udprelay"
	"tailscale.com/types/key"
	"tailscale.com/types/views"
	"tailscale.com/util/usermetric"
)

// Longer than anything here takes; what has not come by then does not come.
const patience = 10 * time.Second

const generation = 7

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "client":
		runClient(os.Args[2], discoKey(os.Args[3]))
	case len(os.Args) == 5 && os.Args[1] == "server":
		runServer(os.Args[2], discoKey(os.Args[3]), discoKey(os.Args[4]))
	default:
		fail("give client URL DISCOKEY, or server PORT DISCOKEY DISCOKEY")
	}
}

func runClient(url string, relay key.DiscoPublic) {
	a, b := connect(url, relay), connect(url, relay)
	at := checkAllocation(a, b)
	checkRepeated(a, b, at)
	a.bind(at, b)
	b.bind(at, a)
	held("bind")
	checkData(at, a, b)
	a.socket.Close()
	a.socket = socket()
	a.bind(at, b)
	checkData(at, b, a)
	checkData(at, a, b)
	held("bind again")
}

// A client: its DERP connection, its disco key and its UDP socket.
type client struct {
	derp   *derphttp.Client
	disco  key.DiscoPrivate
	socket *net.UDPConn
	server key.DiscoPublic // the relay's
}

func connect(url string, relay key.DiscoPublic) *client {
	quiet := func(string, ...any) {}
	d, err := derphttp.NewClient(key.NewNode(), url, quiet, netmon.NewStatic())
	must(err, "the URL")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(d.Connect(ctx), "connecting")
	return &client{d, key.NewDisco(), socket(), relay}
}

// Asks the relay for a session of both.
func (c *client) allocate(other *client) *disco.AllocateUDPRelayEndpointResponse {
	request := &disco.AllocateUDPRelayEndpointRequest{
		ClientDisco: [2]key.DiscoPublic{c.disco.Public(), other.disco.Public()},
		Generation:  generation,
	}
	relay := c.derp.ServerPublicKey()
	must(c.derp.Send(relay, c.seal(request)), "sending a request")
	answer := make(chan derp.ReceivedPacket, 1)
	go func() {
		for {
			m, err := c.derp.Recv()
			if err != nil {
				return
			}
			if p, ok := m.(derp.ReceivedPacket); ok {
				p.Data = bytes.Clone(p.Data)
				answer <- p
				return
			}
		}
	}()
	select {
	case p := <-answer:
		if p.Source != relay {
			fail("the answer is from %v, not from the relay", p.Source)
		}
		response, ok := c.open(p.Data).(*disco.AllocateUDPRelayEndpointResponse)
		if !ok {
			fail("the answer is no AllocateUDPRelayEndpointResponse")
		}
		return response
	case <-time.After(patience):
		fail("the relay did not answer a request")
		return nil
	}
}

func checkAllocation(a, b *client) disco.UDPRelayEndpoint {
	response := a.allocate(b)
	at := response.UDPRelayEndpoint
	if response.Generation != generation || at.ServerDisco != a.server {
		fail("the answer is for generation %d of %v", response.Generation, at.ServerDisco)
	}
	if at.VNI == 0 || at.VNI > 1<<24-1 || len(at.AddrPorts) == 0 {
		fail("session %d at %v", at.VNI, at.AddrPorts)
	}
	if at.BindLifetime != 30*time.Second || at.SteadyStateLifetime != 5*time.Minute {
		fail("lifetimes %v and %v", at.BindLifetime, at.SteadyStateLifetime)
	}
	want := key.NewSortedPairOfDiscoPublic(a.disco.Public(), b.disco.Public())
	if key.NewSortedPairOfDiscoPublic(at.ClientDisco[0], at.ClientDisco[1]) != want {
		fail("the session is for %v", at.ClientDisco)
	}
	held("allocation")
	return at
}

func checkRepeated(a, b *client, at disco.UDPRelayEndpoint) {
	again := b.allocate(a).UDPRelayEndpoint
	if again.VNI != at.VNI || again.LamportID != at.LamportID {
		fail("the other side got session %d (%d), not %d (%d)", again.VNI, again.LamportID, at.VNI, at.LamportID)
	}
	held("repeated allocation")
}

func socket() *net.UDPConn {
	s, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(err, "a socket")
	return s
}

// The three-way handshake of one side, as magicsock's relay manager does it.
func (c *client) bind(at disco.UDPRelayEndpoint, other *client) {
	common := disco.BindUDPRelayEndpointCommon{VNI: at.VNI, Generation: generation, RemoteKey: other.disco.Public()}
	c.sendControl(at, &disco.BindUDPRelayEndpoint{BindUDPRelayEndpointCommon: common})
	header, body := c.receive()
	if !header.Control || header.Protocol != packet.GeneveProtocolDisco || header.VNI.Get() != at.VNI {
		fail("a header %+v in place of a challenge's", header)
	}
	challenge, ok := c.open(body).(*disco.BindUDPRelayEndpointChallenge)
	if !ok || challenge.VNI != at.VNI || challenge.Generation != generation || challenge.RemoteKey != common.RemoteKey {
		fail("no challenge to this bind")
	}
	common.Challenge = challenge.Challenge
	c.sendControl(at, &disco.BindUDPRelayEndpointAnswer{BindUDPRelayEndpointCommon: common})
}

// Sends until the first one arrives: an answer to a challenge is not confirmed.
func checkData(at disco.UDPRelayEndpoint, from, to *client) {
	for _, size := range []int{1, 148, 1400} {
		payload := bytes.Repeat([]byte{byte(size)}, size)
		arrived := make(chan struct{})
		go func() {
			for {
				header, body := to.receive()
				if !header.Control && header.VNI.Get() == at.VNI && bytes.Equal(body, payload) {
					close(arrived)
					return
				}
			}
		}()
		for sent := false; !sent; {
			from.send(at, header(at, false, packet.GeneveProtocolWireGuard), payload)
			select {
			case <-arrived:
				sent = true
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	held("data")
}

func header(at disco.UDPRelayEndpoint, control bool, protocol uint16) packet.GeneveHeader {
	h := packet.GeneveHeader{Control: control, Protocol: protocol}
	h.VNI.Set(at.VNI)
	return h
}

func (c *client) sendControl(at disco.UDPRelayEndpoint, m disco.Message) {
	c.send(at, header(at, true, packet.GeneveProtocolDisco), c.seal(m))
}

func (c *client) send(at disco.UDPRelayEndpoint, h packet.GeneveHeader, body []byte) {
	datagram := make([]byte, packet.GeneveFixedHeaderLength, packet.GeneveFixedHeaderLength+len(body))
	must(h.Encode(datagram), "a header")
	_, err := c.socket.WriteToUDPAddrPort(append(datagram, body...), address(at))
	must(err, "sending a datagram")
}

func address(at disco.UDPRelayEndpoint) netip.AddrPort {
	for _, each := range at.AddrPorts {
		if each.Addr().Unmap().Is4() {
			return netip.AddrPortFrom(each.Addr().Unmap(), each.Port())
		}
	}
	fail("no IPv4 address in %v", at.AddrPorts)
	return netip.AddrPort{}
}

func (c *client) receive() (packet.GeneveHeader, []byte) {
	datagram := make([]byte, 2000)
	must(c.socket.SetReadDeadline(time.Now().Add(patience)), "a deadline")
	n, err := c.socket.Read(datagram)
	must(err, "a datagram from the relay")
	var h packet.GeneveHeader
	must(h.Decode(datagram[:n]), "the relay's header")
	return h, datagram[packet.GeneveFixedHeaderLength:n]
}

func (c *client) seal(m disco.Message) []byte {
	sealed := append([]byte(disco.Magic), c.disco.Public().AppendTo(nil)...)
	return append(sealed, c.disco.Shared(c.server).Seal(m.AppendMarshal(nil))...)
}

func (c *client) open(sealed []byte) disco.Message {
	source, ok := disco.Source(sealed)
	if !ok {
		fail("the relay's message is no disco message")
	}
	sender := key.DiscoPublicFromRaw32(mem.B(source))
	text, ok := c.disco.Shared(sender).Open(sealed[len(disco.Magic)+key.DiscoPublicRawLen:])
	if !ok {
		fail("the relay's message cannot be opened")
	}
	m, err := disco.Parse(text)
	must(err, "the relay's message")
	return m
}

func runServer(port string, a, b key.DiscoPublic) {
	address, err := netip.ParseAddrPort("127.0.0.1:" + port)
	must(err, "the port")
	quiet := func(string, ...any) {}
	server, err := udprelay.NewServer(quiet, address.Port(), true, new(usermetric.Registry), nil)
	must(err, "the server")
	defer server.Close()
	server.SetStaticAddrPorts(views.SliceOf([]netip.AddrPort{address}))
	at, err := server.AllocateEndpoint(a, b)
	must(err, "a session")
	message := &disco.CallMeMaybeVia{UDPRelayEndpoint: disco.UDPRelayEndpoint{
		ServerDisco:         at.ServerDisco,
		ClientDisco:         at.ClientDisco,
		LamportID:           at.LamportID,
		VNI:                 at.VNI,
		BindLifetime:        at.BindLifetime.Duration,
		SteadyStateLifetime: at.SteadyStateLifetime.Duration,
		AddrPorts:           at.AddrPorts,
	}}
	fmt.Printf("%s %s\n", at.ServerDisco, hex.EncodeToString(message.AppendMarshal(nil)))
	io.Copy(io.Discard, os.Stdin)
}

func discoKey(text string) key.DiscoPublic {
	var k key.DiscoPublic
	must(k.UnmarshalText([]byte(text)), "the disco key "+text)
	return k
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func held(what string) { fmt.Println("ok " + what) }

func fail(format string, arguments ...any) {
	fmt.Printf("FAILED "+format+"\n", arguments...)
	os.Exit(1)
}
