package io.mpquic.dataplane.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mpquic.dataplane.agent.WanGuard.Action;
import java.net.InetAddress;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WanGuardTest {
    private static final long MS = 1_000_000;
    private static final long LIMIT_NS = 5_000 * MS;
    private static final WanCondition HOME = usable(3, "10.1.0.1");
    private static final WanCondition MOVED = usable(3, "10.1.0.9");
    private static final WanCondition NO_CARRIER = new WanCondition.Unusable("no carrier");
    private static final WanCondition GONE = new WanCondition.Unusable("not there");
    private static final WanCondition UNWATCHED = new WanCondition.Unwatched();

    private final WanGuard guard = new WanGuard(HOME, LIMIT_NS);
    private long nowNs = 77;

    private static WanCondition usable(int index, String... addresses) {
        Set<InetAddress> set = Stream.of(addresses).map(InetAddress::ofLiteral).collect(Collectors.toSet());
        return new WanCondition.Usable(index, set);
    }

    private void assertSession(Action expected, WanCondition now) {
        assertEquals(expected, guard.look(now, true, false, nowNs));
    }

    private void assertAnswered(Action expected, WanCondition now) {
        assertEquals(expected, guard.look(now, true, true, nowNs));
    }

    private void assertDialling(Action expected, WanCondition now) {
        assertEquals(expected, guard.look(now, false, false, nowNs));
    }

    private void passMs(long ms) {
        nowNs += ms * MS;
    }

    @Test
    void whileNothingChangesNothingIsDone() {
        assertDialling(Action.GO_ON, HOME);
        assertSession(Action.GO_ON, HOME);
        assertTrue(guard.isSteady());
        assertEquals(Long.MAX_VALUE, guard.leftNs(nowNs));
    }

    @Test
    void aSessionWaitsForItsWanAndSaysSoOnceForEachReason() {
        assertSession(Action.REPORT_LOSS, NO_CARRIER);
        assertEquals("no carrier", guard.reason());
        assertSession(Action.GO_ON, NO_CARRIER);
        passMs(100);
        assertSession(Action.REPORT_LOSS, GONE);
        assertEquals("not there", guard.reason());
        assertSession(Action.GO_ON, GONE);
        assertFalse(guard.isSteady());
    }

    @Test
    void aWanThatStaysAwayForTooLongEndsTheSession() {
        assertSession(Action.REPORT_LOSS, NO_CARRIER);
        passMs(3_000);
        assertSession(Action.REPORT_LOSS, GONE);
        passMs(2_000);
        assertEquals(1, guard.leftNs(nowNs), "counted from the loss, whatever else it loses");
        assertSession(Action.GO_ON, GONE);
        nowNs++;
        assertSession(Action.WAIT, GONE);
        assertEquals("not there", guard.reason());
    }

    @Test
    void aWanThatComesBackIsAskedAndTheSessionGoesOnWithTheAnswer() {
        assertSession(Action.REPORT_LOSS, NO_CARRIER);
        passMs(4_000);
        assertSession(Action.ASK_PATH, HOME);
        assertSession(Action.GO_ON, HOME);
        passMs(40);
        assertAnswered(Action.REPORT_RETURN, HOME);
        assertTrue(guard.isSteady());
        assertAnswered(Action.GO_ON, HOME);
    }

    @Test
    void aServerThatDoesNotFollowIsDialledAnewAfterASecond() {
        assertSession(Action.ASK_PATH, MOVED);
        assertFalse(guard.isSteady());
        passMs(1_000);
        assertEquals(1, guard.leftNs(nowNs));
        assertSession(Action.GO_ON, MOVED);
        nowNs++;
        assertSession(Action.REDIAL, MOVED);
    }

    @Test
    void aServerThatFollowsAnAddressIsNotWorthAReport() {
        assertSession(Action.ASK_PATH, MOVED);
        assertAnswered(Action.GO_ON, MOVED);
        assertTrue(guard.isSteady());
        assertSession(Action.ASK_PATH, usable(3, "10.1.0.9", "10.1.0.10"));
    }

    @Test
    void anAddressThatChangesAgainIsAskedForAgain() {
        assertSession(Action.ASK_PATH, MOVED);
        passMs(900);
        assertSession(Action.ASK_PATH, HOME);
        passMs(900);
        assertSession(Action.GO_ON, HOME);
        passMs(101);
        assertSession(Action.REDIAL, HOME);
    }

    @Test
    void aWanThatGoesWhileItIsAskedIsWaitedForAnew() {
        assertSession(Action.REPORT_LOSS, NO_CARRIER);
        passMs(4_900);
        assertSession(Action.ASK_PATH, HOME);
        passMs(500);
        assertSession(Action.REPORT_LOSS, NO_CARRIER);
        passMs(4_900);
        assertSession(Action.GO_ON, NO_CARRIER);
        assertSession(Action.ASK_PATH, HOME);
        assertAnswered(Action.REPORT_RETURN, HOME);
    }

    @Test
    void anInterfaceThatWasMadeAnewIsDialledAtOnceBecauseTheSocketIsDead() {
        assertSession(Action.REDIAL, usable(4, "10.1.0.1"));
        assertSession(Action.REPORT_LOSS, GONE);
        assertSession(Action.REDIAL, usable(4, "10.1.0.1"));
    }

    @Test
    void anAttemptIsGivenUpWhenItsWanGoes() {
        assertDialling(Action.WAIT, NO_CARRIER);
        assertEquals("no carrier", guard.reason());
    }

    @Test
    void anAttemptIsMadeAnewWhenItsAddressOrInterfaceIsGoneButNotForOneMore() {
        assertDialling(Action.GO_ON, usable(3, "10.1.0.1", "10.1.0.9"));
        assertDialling(Action.REDIAL, MOVED);
        assertDialling(Action.REDIAL, usable(4, "10.1.0.1", "10.1.0.9"));
    }

    @Test
    void anAddressThatCameDuringTheHandshakeIsNoChangeForTheSession() {
        WanCondition both = usable(3, "10.1.0.1", "10.1.0.9");
        assertDialling(Action.GO_ON, both);
        assertSession(Action.GO_ON, both);
    }

    @Test
    void aSessionGoesOnWhenNobodyTellsOfItsWanAnyMore() {
        assertSession(Action.REPORT_LOSS, NO_CARRIER);
        assertSession(Action.REPORT_RETURN, UNWATCHED);
        assertSession(Action.GO_ON, UNWATCHED);
        assertTrue(guard.isSteady());
        WanGuard blind = new WanGuard(UNWATCHED, LIMIT_NS);
        assertEquals(Action.GO_ON, blind.look(UNWATCHED, false, false, nowNs));
        assertEquals(Action.GO_ON, blind.look(UNWATCHED, true, false, nowNs));
    }
}
