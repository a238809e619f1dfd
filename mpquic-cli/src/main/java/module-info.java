import io.mpquic.cli.log.LineLoggerFinder;

/** The mpquic program. */
@org.jspecify.annotations.NullMarked
module io.mpquic.cli {
    requires static org.jspecify;
    requires info.picocli;
    requires io.mpquic.dataplane;
    requires org.yaml.snakeyaml;

    opens io.mpquic.cli.command to
            info.picocli;

    provides System.LoggerFinder with
            LineLoggerFinder;
}
