package dev.jlora.cli;

import java.util.List;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Help with headings for the options of a job, each option under one name. */
final class GroupedHelp {
  private GroupedHelp() {}

  static void of(CommandSpec command) {
    command
        .usageMessage()
        .abbreviateSynopsis(true)
        .sectionMap()
        .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::render);
    command
        .usageMessage()
        .footer(
            "",
            "Comma-separated values may also be given by repeating the option.",
            "Every flag has a negated form, such as --no-flip or --packing.",
            "The keys of a JSON job and the names of PEFT and Trainer are accepted, too:",
            "--learning_rate, --lora-alpha, --num_train_epochs.");
  }

  private static String render(Help help) {
    List<OptionSpec> all =
        help.commandSpec().options().stream()
            .filter(option -> !option.hidden())
            .map(GroupedHelp::byOneName)
            .toList();
    StringBuilder text = new StringBuilder();
    for (JobOption.Group group : JobOption.Group.values()) {
      List<OptionSpec> some = all.stream().filter(option -> group(option) == group).toList();
      if (!some.isEmpty()) {
        text.append(group.heading.isEmpty() ? "" : group.heading + System.lineSeparator());
        Help.Layout layout = help.createDefaultLayout(all, List.of(), help.colorScheme());
        layout.addOptions(some, help.createDefaultParamLabelRenderer());
        text.append(layout);
      }
    }
    return text.toString();
  }

  /**
   * The group of an option; the command's own options are shown with those of the job as a whole.
   */
  private static JobOption.Group group(OptionSpec option) {
    return option.userObject() instanceof JobOption own ? own.group() : JobOption.Group.JOB;
  }

  private static OptionSpec byOneName(OptionSpec option) {
    return option.userObject() instanceof JobOption own
        ? OptionSpec.builder(option).names(own.name()).negatable(false).build()
        : option;
  }
}
