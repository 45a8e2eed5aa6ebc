// Derpcheck uses a relay in the way Tailscale's own client does, by its derphttp package, and says what held.
//
//	derpcheck -url http://127.0.0.1:3340/derp -mesh-key-file FILE       plain HTTP
//	derpcheck -node '{"Name":"900a","HostName":...}' -mesh-key-file FILE  TLS with fast start; the node as in a DERP map
//
// It prints a line for each thing that held; the first that did not ends it with exit code 1.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/net/netmon"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
)

// Longer than anything here takes; what has not come by then does not come.
const patience = 10 * time.Second

var (
	relayURL    = flag.String("url", "", "the relay's URL, for plain HTTP")
	nodeJSON    = flag.String("node", "", "the relay as a DERPNode in JSON, for TLS")
	meshKeyFile = flag.String("mesh-key-file", "", "file with the region's mesh key")
)

func main() {
	flag.Parse()
	text, err := os.ReadFile(*meshKeyFile)
	must(err, "the mesh key")
	meshKey, err := key.ParseDERPMesh(strings.TrimSpace(string(text)))
	must(err, "the mesh key")

	a, b := connect(key.NewNode(), key.DERPMesh{}), connect(key.NewNode(), key.DERPMesh{})
	if *nodeJSON != "" {
		checkFastStart(a)
	}
	checkPackets(a, b)
	checkPing(a)
	checkNotHere(a)
	checkPeerGone(a, b)
	checkWatch(a, meshKey)
	checkForward(a, meshKey)
	checkClosePeer(meshKey)
	checkStranger()
}

// A client whose messages wait in a channel.
type client struct {
	*derphttp.Client
	messages chan derp.ReceivedMessage // closed when the connection is over
}

func newClient(k key.NodePrivate, mesh key.DERPMesh) *derphttp.Client {
	quiet := func(string, ...any) {}
	monitor := netmon.NewStatic()
	var c *derphttp.Client
	if *nodeJSON == "" {
		var err error
		c, err = derphttp.NewClient(k, *relayURL, quiet, monitor)
		must(err, "the URL")
	} else {
		node := &tailcfg.DERPNode{}
		must(json.Unmarshal([]byte(*nodeJSON), node), "the node")
		region := &tailcfg.DERPRegion{RegionID: node.RegionID, Nodes: []*tailcfg.DERPNode{node}}
		c = derphttp.NewRegionClient(k, quiet, monitor, func() *tailcfg.DERPRegion { return region })
	}
	c.MeshKey = mesh
	return c
}

func connect(k key.NodePrivate, mesh key.DERPMesh) *client {
	c := &client{newClient(k, mesh), make(chan derp.ReceivedMessage, 100)}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(c.Connect(ctx), "connecting")
	go func() {
		defer close(c.messages)
		for generation := 0; ; {
			m, now, err := c.RecvDetail()
			if err != nil || (generation != 0 && now != generation) {
				return
			}
			generation = now
			if p, ok := m.(derp.ReceivedPacket); ok {
				p.Data = bytes.Clone(p.Data)
				m = p
			}
			c.messages <- m
		}
	}()
	if _, ok := c.next().(derp.ServerInfoMessage); !ok {
		fail("the relay's first message is no ServerInfo")
	}
	return c
}

// The next message; nil when the connection is over.
func (c *client) next() derp.ReceivedMessage {
	select {
	case m := <-c.messages:
		return m
	case <-time.After(patience):
		fail("a message did not come in time")
		return nil
	}
}

func (c *client) expectPacket(from key.NodePublic, data []byte) {
	p, ok := c.next().(derp.ReceivedPacket)
	if !ok || p.Source != from || !bytes.Equal(p.Data, data) {
		fail("a packet of %d bytes did not arrive as it was sent", len(data))
	}
}

func checkFastStart(a *client) {
	state, ok := a.TLSConnectionState()
	if !ok || state.Version < tls.VersionTLS13 {
		fail("no TLS 1.3")
	}
	last := state.PeerCertificates[len(state.PeerCertificates)-1].Subject.CommonName
	// The client starts fast whenever it finds this certificate.
	if last != "derpkey"+a.ServerPublicKey().UntypedHexString() {
		fail("the last certificate is %q, and the relay's key %v", last, a.ServerPublicKey())
	}
	held("fast start")
}

func checkPackets(a, b *client) {
	for _, size := range []int{0, 1, 1400, derp.MaxPacketSize} {
		data := bytes.Repeat([]byte{byte(size)}, size)
		must(a.Send(b.SelfPublicKey(), data), "sending")
		b.expectPacket(a.SelfPublicKey(), data)
		must(b.Send(a.SelfPublicKey(), data), "sending")
		a.expectPacket(b.SelfPublicKey(), data)
	}
	held("packets")
}

func checkPing(a *client) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(a.Ping(ctx), "pinging the relay")
	held("ping")
}

func checkNotHere(a *client) {
	nobody := key.NewNode().Public()
	disco := append([]byte("TS💬"), make([]byte, 100)...)
	must(a.Send(nobody, disco), "sending")
	a.expectGone(nobody, derp.PeerGoneReasonNotHere)
	held("not here")
}

func (c *client) expectGone(peer key.NodePublic, reason derp.PeerGoneReasonType) {
	if gone, ok := c.next().(derp.PeerGoneMessage); !ok || gone.Peer != peer || gone.Reason != reason {
		fail("the relay did not say that a peer is gone, for reason %v", reason)
	}
}

func checkPeerGone(a, b *client) {
	must(b.Close(), "closing")
	a.expectGone(b.SelfPublicKey(), derp.PeerGoneReasonDisconnected)
	held("peer gone")
}

func checkWatch(a *client, mesh key.DERPMesh) {
	watcher := newClient(key.NewNode(), mesh)
	watcher.WatchConnectionChanges = true
	added := make(chan derp.PeerPresentMessage, 100)
	removed := make(chan derp.PeerGoneMessage, 100)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go watcher.RunWatchConnectionLoop(ctx, key.NodePublic{}, nil,
		func(m derp.PeerPresentMessage) { added <- m },
		func(m derp.PeerGoneMessage) { removed <- m },
		func(err error) { fmt.Fprintln(os.Stderr, "watching:", err) })
	expectAdded(added, a.SelfPublicKey(), derp.PeerPresentIsRegular)
	newcomer := connect(key.NewNode(), key.DERPMesh{})
	expectAdded(added, newcomer.SelfPublicKey(), derp.PeerPresentIsRegular)
	must(newcomer.Close(), "closing")
	for {
		select {
		case m := <-removed:
			if m.Peer == newcomer.SelfPublicKey() {
				watcher.Close()
				held("watch")
				return
			}
		case <-time.After(patience):
			fail("the watcher was not told who left")
		}
	}
}

func expectAdded(added chan derp.PeerPresentMessage, peer key.NodePublic, flags derp.PeerPresentFlags) {
	for {
		select {
		case m := <-added:
			if m.Key == peer {
				if m.Flags != flags || !m.IPPort.IsValid() {
					fail("a peer is shown with address %v and flags %d", m.IPPort, m.Flags)
				}
				return
			}
		case <-time.After(patience):
			fail("the watcher was not told who is there")
		}
	}
}

func checkForward(a *client, mesh key.DERPMesh) {
	peer := connect(key.NewNode(), mesh)
	defer peer.Close()
	source := key.NewNode().Public()
	must(peer.ForwardPacket(source, a.SelfPublicKey(), []byte("forwarded")), "forwarding")
	a.expectPacket(source, []byte("forwarded"))
	held("forward")
}

func checkClosePeer(mesh key.DERPMesh) {
	peer := connect(key.NewNode(), mesh)
	defer peer.Close()
	victim := connect(key.NewNode(), key.DERPMesh{})
	defer victim.Close()
	must(peer.ClosePeer(victim.SelfPublicKey()), "closing a peer")
	if m := victim.next(); m != nil {
		fail("a closed peer got %T", m)
	}
	held("close peer")
}

// Whoever does not have the mesh's key, and watches all the same, is thrown out.
func checkStranger() {
	stranger := newClient(key.NewNode(), key.DERPMesh{})
	defer stranger.Close()
	stranger.WatchConnectionChanges = true
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(stranger.Connect(ctx), "connecting")
	over := make(chan bool)
	go func() {
		for {
			if _, err := stranger.Recv(); err != nil {
				close(over)
				return
			}
		}
	}()
	select {
	case <-over:
		held("stranger")
	case <-time.After(patience):
		fail("a stranger may watch")
	}
}

func held(what string) { fmt.Println("ok", what) }

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, values ...any) {
	fmt.Printf("FAILED "+format+"\n", values...)
	os.Exit(1)
}
