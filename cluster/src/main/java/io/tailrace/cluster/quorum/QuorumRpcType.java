// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;

/**
 * Tells Ratis to use a {@link PeerTransport} instead of one of its own, which would open a port on every interface and load a second network
 * stack. Made by Ratis, by its class name; public for that reason alone.
 */
public final class QuorumRpcType implements RpcType {

    private static final String TRANSPORT = "tailrace.transport";
    private static final String KEPT = "tailrace.kept";
    private static final String ADDRESS = "tailrace.address";

    static Parameters parameters(PeerTransport transport, KeptVote kept, String address) {
        Parameters parameters = new Parameters();
        parameters.put(TRANSPORT, transport, PeerTransport.class);
        parameters.put(KEPT, kept, KeptVote.class);
        parameters.put(ADDRESS, address, String.class);
        return parameters;
    }

    @Override
    public String name() {
        return getClass().getName();
    }

    @Override
    public ServerFactory newFactory(Parameters parameters) {
        PeerTransport transport = parameters.getNonNull(TRANSPORT, PeerTransport.class);
        KeptVote kept = parameters.getNonNull(KEPT, KeptVote.class);
        String address = parameters.getNonNull(ADDRESS, String.class);
        return new ServerFactory() {
            @Override
            public RaftServerRpc newRaftServerRpc(RaftServer server) {
                return new QuorumRpc(QuorumRpcType.this, server, transport, kept, address);
            }

            @Override
            public RpcType getRpcType() {
                return QuorumRpcType.this;
            }
        };
    }
}
