package dev.jlora.distribution;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fails where a class depends on one that stands above it, or beside it.
 *
 * <p>The floors are those of the house, from the ground up. A package that is on no floor is a
 * plugin: plugins stand on the core, beside each other and beside the engine. So does the support
 * for GPUs, but on the backend.
 */
final class PointDown extends ArchCondition<JavaClass> {
  private static final String ROOT = "dev.jlora";
  private static final String ENTRY = "";

  private static final List<Set<String>> FLOORS =
      List.of(
          Set.of("natives", "profile"),
          Set.of("ffi"),
          Set.of("tensor"),
          Set.of("ops"),
          Set.of("kernels"),
          Set.of("backend"),
          Set.of("autograd"),
          Set.of("spec"),
          Set.of("io"),
          Set.of("data", "model"),
          Set.of("spi"),
          Set.of("peft"),
          Set.of("host"),
          Set.of("engine"),
          Set.of(ENTRY),
          Set.of("cli"),
          Set.of("distribution"));

  /** The highest floor that plugins may see. */
  private static final int CORE = floor("peft");

  /** Rooms that nobody imports, as they are found at run time: the highest floor each may see. */
  private static final Map<String, Integer> FOUND_AT_RUN_TIME = Map.of("cuda", floor("backend"));

  PointDown() {
    super("import only from below");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
      JavaClass target = dependency.getTargetClass().getBaseComponentType();
      boolean ours =
          target.getPackageName().equals(ROOT) || target.getPackageName().startsWith(ROOT + ".");
      if (ours && !mayImport(room(type.getPackageName()), room(target.getPackageName()))) {
        events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
      }
    }
  }

  /** Whether an arrow may go from one room to another, named as {@link #room} does. */
  static boolean mayImport(String from, String to) {
    if (from.equals(to)) {
      return true;
    }
    int target = floor(to);
    return target >= 0 && target < end(from);
  }

  /** The first floor that a room may not see. */
  private static int end(String room) {
    return floor(room) < 0 ? FOUND_AT_RUN_TIME.getOrDefault(room, CORE) + 1 : floor(room);
  }

  /** {@code tasks} for {@code dev.jlora.tasks.metrics}; nothing for the entry package. */
  static String room(String packageName) {
    if (packageName.equals(ROOT)) {
      return ENTRY;
    }
    String below = packageName.substring(ROOT.length() + 1);
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }

  /** The number of a room's floor; -1 for a plugin and for what is found at run time. */
  private static int floor(String room) {
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      if (FLOORS.get(floor).contains(room)) {
        return floor;
      }
    }
    return -1;
  }
}
