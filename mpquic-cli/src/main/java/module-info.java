/** The mpquic program. */
@org.jspecify.annotations.NullMarked
module io.mpquic.cli {
    requires static org.jspecify;
    requires info.picocli;
    requires io.mpquic.dataplane;
    requires org.yaml.snakeyaml;

    opens io.mpquic.cli to
            info.picocli;
}
