package dev.jlora.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Flight Recorder event for one phase of a training step. Allocations emit no events. */
@Name("dev.jlora.Phase")
@Label("Phase")
@Category("jlora")
@Description("One phase of a training step")
@StackTrace(false)
final class PhaseEvent extends Event {
  @Label("Phase")
  String phase = "";

  @Label("Function")
  @Description("The function of the tape, where the phase lies in one")
  String function = "";

  @Label("Part")
  @Description("forward, backward or update")
  String part = "";

  @Label("Step")
  long step;

  @Label("Own Time")
  @Description("Without the phases inside this one")
  @Timespan(Timespan.NANOSECONDS)
  long ownTime;
}
